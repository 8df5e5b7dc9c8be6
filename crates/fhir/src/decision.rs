//! Why a request is allowed or denied: every check in its order, with what it found.

use std::fmt;

use serde_json::{Value, json};

use crate::access::Access;
use crate::interaction::Interaction;
use crate::permit::{Denial, Permit, permit, weigh};
use crate::policy::Rules;

/// What a step of a decision looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// Whether the token is good for this server.
    Token,
    /// Which scope gives the permission on the type.
    Scope,
    /// Whose records the scope reaches: the patient in context, the user's own rights, a group.
    Context,
    /// The constraint of a granular scope.
    Constraint,
    /// What a search names, follows and brings along.
    Search,
    /// The privilege of the user's roles on the server's required resource (rows 59 to 66).
    RequiredResource,
    /// The tenant that the token is of.
    Tenant,
    /// A rule of the site.
    Policy,
    /// A patient's `Consent`.
    Consent,
    /// A security label.
    Label,
    /// The resource itself.
    Resource,
}

/// What a step found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finding {
    /// It allows what is asked.
    Passed,
    /// It allows a part of what is asked.
    Narrowed,
    /// It does not allow what is asked.
    Failed,
    /// It does not concern this token.
    Skipped,
}

/// One check of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was looked at.
    pub check: Check,
    /// What it found.
    pub finding: Finding,
    /// The scope, rule or type that it is about.
    pub about: Option<String>,
    /// A sentence for a developer, which tells nothing of any record.
    pub why: String,
}

/// A decision with its derivation.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What was decided.
    pub outcome: Result<Permit, Denial>,
    /// How, in the order of the checks.
    pub steps: Vec<Step>,
}

/// Decides as [`permit`] does, and tells how. A server decides with `permit`; this is for who asks why.
#[must_use]
pub fn decide(access: &Access, interaction: &Interaction, rules: &Rules) -> Decision {
    let outcome = permit(access, interaction, rules);
    let mut steps = weigh(access, interaction, rules);
    if let Err(denial) = &outcome {
        let told = steps
            .iter()
            .any(|step| step.check == denial.check() && step.finding == Finding::Failed);
        // Always the sentence that the client was told.
        let last = Step {
            check: denial.check(),
            finding: Finding::Failed,
            about: denial.about(),
            why: denial.to_string(),
        };
        if !told || !matches!(denial.check(), Check::Scope | Check::Context | Check::Constraint) {
            steps.push(last);
        }
    }
    Decision { outcome, steps }
}

impl Decision {
    /// The step that decided: the last that failed where it is denied, the first scope that passed where it is not.
    #[must_use]
    pub fn deciding(&self) -> Option<&Step> {
        match &self.outcome {
            Ok(_) => self.steps.iter().find(|step| {
                step.check == Check::Scope
                    && matches!(step.finding, Finding::Passed | Finding::Narrowed)
            }),
            Err(denial) => {
                let failed =
                    |step: &&Step| step.finding == Finding::Failed && step.check == denial.check();
                self.steps.iter().rev().find(failed)
            }
        }
    }

    /// The decision for machines.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let steps: Vec<_> = self.steps.iter().map(Step::to_json).collect();
        let mut json = json!({
            "decision": if self.outcome.is_ok() { "permit" } else { "deny" },
            "deciding": self.deciding().map(Step::to_json),
            "steps": steps,
        });
        if let (Err(denial), Some(members)) = (&self.outcome, json.as_object_mut()) {
            members.insert("status".into(), denial.status().into());
            members.insert("why".into(), denial.to_string().into());
            members.insert("scope".into(), denial.scope().into());
        }
        json
    }
}

impl Step {
    /// The step for machines.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "check": self.check.as_str(),
            "finding": self.finding.as_str(),
            "about": self.about,
            "why": self.why,
        })
    }
}

impl Check {
    /// The word in documents for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Scope => "scope",
            Self::Context => "context",
            Self::Constraint => "constraint",
            Self::Search => "search",
            Self::RequiredResource => "required-resource",
            Self::Tenant => "tenant",
            Self::Policy => "policy",
            Self::Consent => "consent",
            Self::Label => "label",
            Self::Resource => "resource",
        }
    }
}

impl Finding {
    /// The word in documents for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Narrowed => "narrowed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            writeln!(f, "{step}")?;
        }
        match &self.outcome {
            Ok(_) => f.write_str("permit"),
            Err(denial) => write!(f, "deny ({}): {denial}", denial.status()),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let about = self.about.as_deref().map(|about| format!(" {about}")).unwrap_or_default();
        let (finding, check) = (self.finding.as_str(), self.check.as_str());
        write!(f, "{finding:>8}  {check}{about}: {}", self.why)
    }
}
