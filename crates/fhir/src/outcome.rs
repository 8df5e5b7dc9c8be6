//! `OperationOutcome`: how every failure is told (FHIR R4 §2.32).

use serde_json::{Value, json};

use crate::interaction::NotUnderstood;
use crate::permit::Denial;

/// An outcome of one error. `code` is of the value set `issue-type`; `text` is for a developer.
#[must_use]
pub fn outcome(code: &str, text: &str) -> Value {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{ "severity": "error", "code": code, "diagnostics": text }],
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
