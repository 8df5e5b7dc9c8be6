//! What is left out of what a branch reaches.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::compartment;
use crate::decision::Check;
use crate::search::Clause;

/// Resources that are kept from the asker though a scope reaches them: by a consent, a label or a site's policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Except {
    /// What keeps them.
    pub check: Check,
    /// The name of the rule.
    pub rule: String,
    /// Only resources in the records of these patients; `None`: whosever they are.
    pub whose: Option<BTreeSet<String>>,
    /// Only resources that meet all of these.
    pub clauses: Vec<Clause>,
    /// But for those that meet all clauses of one of these.
    pub unless: Vec<Vec<Clause>>,
}

impl Except {
    /// Whether the resource is kept from the asker.
    #[must_use]
    pub fn takes(&self, resource: &Value) -> bool {
        let theirs = |whose: &BTreeSet<String>| {
            compartment::patients(resource).iter().any(|patient| whose.contains(patient))
        };
        let all = |clauses: &Vec<Clause>| clauses.iter().all(|clause| clause.holds(resource));
        self.whose.as_ref().is_none_or(theirs) && all(&self.clauses) && !self.unless.iter().any(all)
    }
}
