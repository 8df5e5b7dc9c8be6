//! Bulk Data export (Bulk Data Access STU 2; D-44): what is asked, and what of it a token allows.

mod ask;

#[cfg(test)]
mod tests;

use thiserror::Error;

pub use ask::parse;

use crate::access::Access;
use crate::definitions;
use crate::permit::{Denial, Permit, permit_export};
use crate::policy::Rules;
use crate::search::{BadSearch, Search};

/// What a kick-off asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// Of whom.
    pub level: Level,
    /// Only what has changed after this moment, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Only what has changed before this moment, in milliseconds since 1970 (Bulk Data Access STU 3, `_until`).
    pub until: Option<i64>,
    /// The types that are wanted; none means all that the token opens.
    pub types: Vec<&'static str>,
    /// Of a type that is searched here, only what one of its searches finds.
    pub filters: Vec<Search>,
    /// What was asked and is left out, as the asker has allowed: a sentence each.
    pub ignored: Vec<String>,
}

/// Of whom resources are exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Level {
    /// `$export`: everything.
    System,
    /// `Patient/$export`: the records of all patients, with what they refer to.
    Patients,
    /// `Group/[id]/$export`: those of the members of a group.
    Group(String),
}

/// One type of an export.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What the token allows; it says the type as well.
    pub permit: Permit,
    /// The searches of the type, of which one must find a resource; none finds all.
    pub filters: Vec<Search>,
}

/// Why a kick-off cannot be understood. It is answered with 400 and the text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadExport {
    /// The server has no such parameter, or does not do what it asks.
    #[error("`{0}` is not supported here; with `Prefer: handling=lenient` it is left out")]
    Unsupported(String),
    /// Its value makes no sense.
    #[error("`{name}`: {fault}")]
    Value {
        /// The parameter.
        name: &'static str,
        /// What is wrong.
        fault: String,
    },
    /// The kick-off is not even a query.
    #[error(transparent)]
    Query(#[from] BadSearch),
}

/// The types of an export, each with what the token allows of it.
///
/// # Errors
/// The token does not cover a type that is asked for, or none at all.
pub fn parts(access: &Access, export: &Export, rules: &Rules) -> Result<Vec<Part>, Denial> {
    let part = |kind: &'static str| -> Result<Part, Denial> {
        let filters = export.filters.iter().filter(|filter| filter.kind == kind);
        Ok(Part {
            permit: permit_export(access, kind, rules)?,
            filters: filters.cloned().collect(),
        })
    };
    if !export.types.is_empty() {
        return export.types.iter().map(|kind| part(kind)).collect();
    }
    // A filter asks for its type.
    for filter in &export.filters {
        permit_export(access, filter.kind, rules)?;
    }
    let all = definitions::types().iter().filter(|kind| export.level.has(kind));
    let (opened, refused): (Vec<_>, Vec<_>) = all.map(|kind| part(kind)).partition(Result::is_ok);
    match (opened.is_empty(), refused.into_iter().find_map(Result::err)) {
        (true, Some(denial)) => Err(denial),
        _ => Ok(opened.into_iter().flatten().collect()),
    }
}

/// Whether a token allows to fetch what an export has found of a type: no less than the export itself was allowed.
///
/// # Errors
/// [`Denial`] where the token opens less of the type.
pub fn may_fetch(access: &Access, exported: &Permit, rules: &Rules) -> Result<(), Denial> {
    let now = permit_export(access, exported.kind(), rules)?;
    if now.sees_everything() || now == *exported {
        return Ok(());
    }
    Err(Denial::NotInContext { kind: exported.kind() })
}

impl Level {
    /// Whether resources of the type can be exported at this level.
    #[must_use]
    pub fn has(&self, kind: &str) -> bool {
        use crate::compartment::{Belonging, belonging};
        match self {
            Self::System => true,
            Self::Patients | Self::Group(_) => belonging(kind) != Belonging::Nobody,
        }
    }
}
