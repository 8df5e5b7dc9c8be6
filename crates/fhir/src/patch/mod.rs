//! Changing a resource a little: JSON Patch and `FHIRPath` Patch (FHIR R4 http.html#patch, fhirpatch.html).
//!
//! Pure: what comes out is not judged here. Whoever stores it judges its structure, and whether the token allows it.

mod json;
mod operation;
mod parameters;
mod path;
mod place;

#[cfg(test)]
mod tests;

use serde_json::Value;
use thiserror::Error;

use operation::Operation;

/// What is to be changed.
#[derive(Debug, Clone)]
pub struct Patch(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Json(json_patch::Patch),
    FhirPath(Vec<Operation>),
}

/// A body that is no patch. It is answered with 400.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the patch cannot be read: {0}")]
pub struct BadPatch(String);

/// A patch that does not fit the resource. It is answered with 422, and nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("operation {at} of the patch cannot be done: {why}")]
pub struct Unfit {
    /// Which operation, from 1.
    pub at: usize,
    /// Why.
    pub why: String,
}

impl Patch {
    /// Reads a JSON Patch (RFC 6902 §3).
    ///
    /// # Errors
    /// [`BadPatch`] where it is none, or has more operations than are done.
    pub fn json(body: &Value) -> Result<Self, BadPatch> {
        json::read(body).map(|patch| Self(Kind::Json(patch)))
    }

    /// Reads a `FHIRPath` Patch: a Parameters resource with one parameter `operation` for each step.
    ///
    /// # Errors
    /// [`BadPatch`] where it is none, or uses what is not supported here.
    pub fn parameters(body: &Value) -> Result<Self, BadPatch> {
        parameters::read(body).map(|operations| Self(Kind::FhirPath(operations)))
    }

    /// Whether it holds values against what is stored (`test`, `where(…)`), so that whoever sends it would learn of them.
    #[must_use]
    pub fn compares(&self) -> bool {
        match &self.0 {
            Kind::Json(patch) => json::compares(patch),
            Kind::FhirPath(operations) => operations.iter().any(Operation::compares),
        }
    }

    /// The resource as it is afterwards. It keeps its type and its id.
    ///
    /// # Errors
    /// [`Unfit`] for the first operation that cannot be done.
    pub fn apply(&self, resource: &Value) -> Result<Value, Unfit> {
        let mut patched = resource.clone();
        match &self.0 {
            Kind::Json(patch) => json::apply(patch, &mut patched)?,
            Kind::FhirPath(operations) => {
                for (index, operation) in operations.iter().enumerate() {
                    let unfit = |why| Unfit { at: index + 1, why };
                    operation.apply(&mut patched).map_err(unfit)?;
                }
            }
        }
        for name in ["resourceType", "id"] {
            if patched.get(name) != resource.get(name) {
                return Err(Unfit { at: 0, why: format!("{name} must stay as it is") });
            }
        }
        Ok(patched)
    }
}

impl BadPatch {
    fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// How many operations a patch may have.
const MOST: usize = 100;
