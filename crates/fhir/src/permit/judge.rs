//! What a permit says of single resources.

use serde_json::Value;

use super::{Branch, Permit};
use crate::decision::{Check, Finding, Step};

/// What a permit says of a resource by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A scope opens it.
    Allowed {
        /// Which, as the token has it.
        scope: String,
    },
    /// A scope would open it, and something keeps it from the asker: it is left out in silence.
    Withheld {
        /// What keeps it.
        check: Check,
        /// The name of the rule.
        rule: String,
    },
    /// No scope reaches it with its constraint.
    Uncovered,
}

impl Permit {
    /// Whether a stored resource may be seen, changed or deleted. Of a type that is shared among
    /// patients, see [`Permit::allows_through`].
    #[must_use]
    pub fn allows(&self, resource: &Value) -> bool {
        self.is_of_kind(resource) && self.branches.iter().any(|branch| branch.allows(resource))
    }

    /// Whether a stored resource of a type that is shared among patients may be seen, because
    /// `referrer` refers to it (D-35).
    #[must_use]
    pub fn allows_through(&self, resource: &Value, referrer: &Value) -> bool {
        self.is_of_kind(resource)
            && self.branches.iter().any(|branch| branch.allows_through(resource, referrer))
    }

    /// Whether a resource may be stored in this state (D-40): it is in context, in nobody else's,
    /// and meets the constraint of the scope.
    #[must_use]
    pub fn allows_written(&self, resource: &Value) -> bool {
        self.is_of_kind(resource)
            && !self.tenant.as_ref().is_some_and(|tenant| tenant.shares(resource))
            && self.branches.iter().any(|branch| branch.allows_written(resource))
    }

    /// Whether what was written may be given back. What a client has sent holds nothing new to it; the result of a
    /// patch, and what a conditional create finds, hold what was stored.
    #[must_use]
    pub fn allows_returned(&self, resource: &Value) -> bool {
        let Some(seen) = &self.seen else { return true };
        self.is_of_kind(resource) && seen.iter().any(|branch| branch.allows(resource))
    }

    /// Whether a resource may come along with a search, by a link from or to `matched`, which the
    /// permit allows (D-37).
    #[must_use]
    pub fn allows_included(&self, resource: &Value, matched: &Value) -> bool {
        self.included_branches(kind(resource)).iter().any(|branch| {
            branch.allows(resource)
                || branch.allows_through(resource, matched)
                || branch.allows_about(resource, matched)
        })
    }

    /// What the permit says of a resource of any type that it is for, and which scope or rule decides. Of a shared
    /// type only a store can tell more.
    #[must_use]
    pub fn verdict(&self, resource: &Value) -> Verdict {
        let own = self.is_of_kind(resource);
        let branches =
            if own { &self.branches[..] } else { self.included_branches(kind(resource)) };
        if let Some(branch) = branches.iter().find(|branch| branch.allows(resource)) {
            return Verdict::Allowed { scope: branch.scope.clone() };
        }
        let kept = branches.iter().filter(|branch| branch.covers(resource));
        let mut kept = kept.flat_map(|branch| &branch.except).filter(|one| one.takes(resource));
        kept.next().map_or(Verdict::Uncovered, |except| Verdict::Withheld {
            check: except.check,
            rule: except.rule.clone(),
        })
    }

    /// Why a resource may be seen or not: each scope that opens its type, with what it says.
    #[must_use]
    pub fn derivation(&self, resource: &Value) -> Vec<Step> {
        let own = self.is_of_kind(resource);
        let branches =
            if own { &self.branches[..] } else { self.included_branches(kind(resource)) };
        branches.iter().map(|branch| of_branch(branch, resource)).collect()
    }

    fn is_of_kind(&self, resource: &Value) -> bool {
        kind(resource) == self.kind
    }
}

fn of_branch(branch: &Branch, resource: &Value) -> Step {
    let kept = branch.except.iter().find(|except| except.takes(resource));
    let (check, finding, why) = if !branch.reaches(resource) {
        (Check::Context, Finding::Failed, "the resource is outside the records that it reaches")
    } else if !branch.covers(resource) {
        (Check::Constraint, Finding::Failed, "the resource does not meet its constraint")
    } else if let Some(except) = kept {
        (except.check, Finding::Failed, "the resource is kept back")
    } else {
        (Check::Resource, Finding::Passed, "it opens the resource")
    };
    let about = kept.filter(|_| finding == Finding::Failed && check != Check::Context);
    let about = about.map_or_else(|| branch.scope.clone(), |except| except.rule.clone());
    Step { check, finding, about: Some(about), why: why.to_owned() }
}

fn kind(resource: &Value) -> &str {
    resource.get("resourceType").and_then(Value::as_str).unwrap_or_default()
}
