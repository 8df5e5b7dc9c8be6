//! What is wrong with a resource, and where.

use serde_json::{Value, json};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// The code of the value set `issue-type`.
    pub code: &'static str,
    /// Where, as a simple `FHIRPath` such as `Patient.name[0].family`.
    pub expression: String,
    /// What, for a developer.
    pub text: String,
}

/// An outcome of what is wrong, or that nothing is (FHIR R4 operationoutcome.html).
#[must_use]
pub fn outcome_of(issues: &[Issue]) -> Value {
    let told = issues.iter().map(|issue| {
        json!({
            "severity": "error",
            "code": issue.code,
            "diagnostics": issue.text,
            "expression": [issue.expression],
        })
    });
    let mut told: Vec<_> = told.collect();
    if told.is_empty() {
        let text = "The resource is well-formed.";
        told.push(
            json!({ "severity": "information", "code": "informational", "diagnostics": text }),
        );
    }
    json!({ "resourceType": "OperationOutcome", "issue": told })
}
