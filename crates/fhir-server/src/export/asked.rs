//! What was asked at a kick-off, in a form that outlives the process.

use fireward_fhir::export::{BadExport, Export, Level, Part, parse, parts};
use fireward_fhir::{Access, AccessClaims, Denial};
use fireward_fhir_store::Job;
use serde_json::{Value, json};

use crate::server::FhirServer;

/// A kick-off as it was asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub(super) level: Level,
    pub(super) pairs: Vec<(String, String)>,
    pub(super) lenient: bool,
}

impl Asked {
    pub(super) fn export(&self, base: &str) -> Result<Export, BadExport> {
        parse(self.level.clone(), &self.pairs, self.lenient, base)
    }

    pub(super) fn write(&self) -> String {
        let group = match &self.level {
            Level::System => Value::Null,
            Level::Patients => "".into(),
            Level::Group(id) => id.as_str().into(),
        };
        json!({ "group": group, "pairs": self.pairs, "lenient": self.lenient }).to_string()
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let level = match value.get("group")? {
            Value::Null => Level::System,
            Value::String(id) if id.is_empty() => Level::Patients,
            Value::String(id) => Level::Group(id.clone()),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => return None,
        };
        let pairs = serde_json::from_value(value.get("pairs")?.clone()).ok()?;
        Some(Self { level, pairs, lenient: value.get("lenient")?.as_bool()? })
    }
}

/// The export of a job and its types, each with what the token of the kick-off allowed.
pub(super) fn of_job(job: &Job, server: &FhirServer) -> Result<(Export, Vec<Part>), String> {
    let base = &server.base;
    let asked = Asked::read(&job.asked).ok_or("what was asked cannot be read any more")?;
    let export = asked.export(base).map_err(|fault| fault.to_string())?;
    let group = job.bound_to.as_ref().map(|id| format!("Group/{id}"));
    let claims = json!({
        "scope": job.scope, "client_id": job.client, "exp": 0, "fireward_group": group,
    });
    let claims: AccessClaims = serde_json::from_value(claims).map_err(|fault| fault.to_string())?;
    let parts = parts(&Access::of(&claims, base), &export, &server.rules());
    let parts = parts.map_err(|denial: Denial| denial.to_string())?;
    Ok((export, parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_is_read_again() {
        for level in [Level::System, Level::Patients, Level::Group("g".into())] {
            let pairs = vec![("_type".to_owned(), "Patient \"x\"".to_owned())];
            let asked = Asked { level, pairs, lenient: true };
            assert_eq!(Asked::read(&asked.write()), Some(asked));
        }
        for broken in ["", "{}", r#"{"group":1,"pairs":[],"lenient":false}"#] {
            assert_eq!(Asked::read(broken), None, "{broken}");
        }
    }
}
