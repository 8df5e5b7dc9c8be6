//! What is found to be wrong with a bundle, and where.

use std::fmt;

use serde_json::{Value, json};

/// One thing to be said of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it keeps the bundle from being published.
    pub severity: Severity,
    /// A code of FHIR's value set `issue-type`.
    pub code: &'static str,
    /// Where, as a `FHIRPath` such as `Bundle.entry[0].resource.name`.
    pub at: String,
    /// What is wrong, and what would be right.
    pub text: String,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// A SHALL is broken: the bundle is not published.
    Error,
    /// A SHOULD is not followed.
    Warning,
}

impl Severity {
    /// As `OperationOutcome` spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Finding {
    /// An error.
    #[must_use]
    pub fn error(code: &'static str, at: impl Into<String>, text: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, at: at.into(), text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.severity.as_str(), self.at, self.text)
    }
}

/// Findings as an `OperationOutcome` (FHIR R4 §2.32).
#[must_use]
pub fn outcome(findings: &[Finding]) -> Value {
    let issue = |finding: &Finding| {
        json!({
            "severity": finding.severity.as_str(),
            "code": finding.code,
            "diagnostics": finding.text,
            "expression": [finding.at],
        })
    };
    json!({
        "resourceType": "OperationOutcome",
        "issue": findings.iter().map(issue).collect::<Vec<_>>(),
    })
}

/// Findings, while they are gathered.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn error(&mut self, code: &'static str, at: &str, text: impl Into<String>) {
        self.0.push(Finding::error(code, at, text));
    }

    pub(super) fn warning(&mut self, code: &'static str, at: &str, text: impl Into<String>) {
        let (at, text) = (at.to_owned(), text.into());
        self.0.push(Finding { severity: Severity::Warning, code, at, text });
    }

    /// Whether one of them is an error.
    pub(super) fn refuse(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Error)
    }

    pub(super) fn all(self) -> Vec<Finding> {
        self.0
    }
}
