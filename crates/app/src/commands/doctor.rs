//! `fireward doctor --fhir URL`: whether a FHIR server and its issuer fit together, and what to do where they do not.

mod checks;

use std::{path::PathBuf, process};

use clap::Args;
use fireward_outbound::{Outbound, Policy};
use serde_json::{Value, json};

use super::say;
use crate::{config::read, fault::Fault};

/// Looks at a FHIR server and the issuer that it trusts from outside, as an app would, and says what is wrong and what
/// to do about it. It asks for no record. Ends with 1 if anything is wrong.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// The FHIR server's base.
    #[arg(long)]
    fhir: String,
    /// The issuer that it should trust; what it says itself where not given.
    #[arg(long)]
    issuer: Option<String>,
    /// The client as which the FHIR server is registered at its issuer, to introspect tokens.
    #[arg(long)]
    client_id: Option<String>,
    /// A file with that client's secret.
    #[arg(long, requires = "client_id")]
    client_secret_file: Option<PathBuf>,
    /// Scopes that apps will ask, separated by spaces: whether the issuer knows them.
    #[arg(long)]
    scope: Option<String>,
    /// Answer as JSON.
    #[arg(long)]
    json: bool,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    Doubtful,
    Wrong,
    NotChecked,
}

/// One check.
#[derive(Debug, Clone)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    said: String,
    remedy: Option<String>,
}

impl Doctor {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let secret = self.client_secret_file.as_deref().map(read).transpose()?;
        let patient = checks::Patient {
            outbound: Outbound::new(Policy::default()),
            fhir: self.fhir.trim_end_matches('/').to_owned(),
            issuer: self.issuer.clone(),
            client: self.client_id.clone(),
            secret: secret.map(|secret| secret.trim().to_owned()),
            scope: self.scope.clone(),
        };
        let findings = checks::all(&patient).await?;
        let healthy = findings.iter().all(|one| one.verdict != Verdict::Wrong);
        if self.json {
            let told: Vec<_> = findings.iter().map(Finding::in_json).collect();
            say(&json!({ "healthy": healthy, "checks": told }).to_string());
        } else {
            for one in &findings {
                say(&one.in_words());
            }
        }
        if !healthy {
            process::exit(1);
        }
        Ok(())
    }
}

impl Finding {
    fn good(check: &'static str, said: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Good, said: said.into(), remedy: None }
    }

    fn not_checked(check: &'static str, said: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::NotChecked, said: said.into(), remedy: None }
    }

    fn doubtful(check: &'static str, said: impl Into<String>, remedy: &str) -> Self {
        let remedy = Some(remedy.to_owned());
        Self { check, verdict: Verdict::Doubtful, said: said.into(), remedy }
    }

    fn wrong(check: &'static str, said: impl Into<String>, remedy: &str) -> Self {
        let remedy = Some(remedy.to_owned());
        Self { check, verdict: Verdict::Wrong, said: said.into(), remedy }
    }

    fn in_words(&self) -> String {
        let Self { check, verdict, said, remedy } = self;
        let verdict = verdict.as_str();
        let remedy = remedy.as_ref().map(|remedy| format!("\n{:>26} {remedy}", "->"));
        format!("{verdict:>11}  {check:<12} {said}{}", remedy.unwrap_or_default())
    }

    fn in_json(&self) -> Value {
        let verdict = self.verdict.as_str();
        json!({ "check": self.check, "verdict": verdict, "said": self.said, "remedy": self.remedy })
    }
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Doubtful => "doubtful",
            Self::Wrong => "wrong",
            Self::NotChecked => "not checked",
        }
    }
}
