//! `OperationOutcome`: how every failure is told (FHIR R4 §2.32).

use serde_json::{Value, json};

use crate::interaction::NotUnderstood;
use crate::permit::Denial;

/// An outcome of one error. `code` is of the value set `issue-type`; `text` is for a developer.
#[must_use]
pub fn outcome(code: &str, text: &str) -> Value {
    outcome_of("error", code, text)
}

/// An outcome of one issue. `severity` is of the value set `issue-severity`.
#[must_use]
pub fn outcome_of(severity: &str, code: &str, text: &str) -> Value {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{ "severity": severity, "code": code, "diagnostics": text }],
    })
}

impl Denial {
    /// The body that tells the client.
    #[must_use]
    pub fn outcome(&self) -> Value {
        outcome(self.issue(), &self.to_string())
    }
}

impl NotUnderstood {
    /// The body that tells the client.
    #[must_use]
    pub fn outcome(&self) -> Value {
        outcome(self.issue(), &self.to_string())
    }
}
