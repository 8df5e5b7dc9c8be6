//! Security labels that keep resources from most (row 46).

use std::collections::BTreeSet;

use crate::decision::Check;
use crate::definitions;
use crate::permit::Except;
use crate::search::{Clause, Criterion, Test};

/// A label in `meta.security`, and who may see what has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The code system, such as `http://terminology.hl7.org/CodeSystem/v3-Confidentiality`.
    pub system: String,
    /// The code, such as `R`.
    pub code: String,
    /// Roles that may see it all the same.
    pub roles: BTreeSet<String>,
}

impl Label {
    /// What is kept of a type from a user with these roles. A scope that names the label lifts nothing: every app may narrow
    /// what it was granted to such a scope, and nobody would have been asked.
    pub(crate) fn keeps(&self, kind: &str, roles: &BTreeSet<String>) -> Option<Except> {
        if !self.roles.is_disjoint(roles) {
            return None;
        }
        Some(Except {
            check: Check::Label,
            rule: self.to_string(),
            whose: None,
            clauses: vec![security(kind, &self.system, &self.code)?],
            unless: Vec::new(),
        })
    }
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}|{}", self.system, self.code)
    }
}

/// Having a label. An empty system is any.
pub(super) fn security(kind: &str, system: &str, code: &str) -> Option<Clause> {
    let system = (!system.is_empty()).then(|| system.to_owned());
    let test = Test::Any(vec![Criterion::Token { system, code: Some(code.to_owned()) }]);
    definitions::param(kind, "_security").map(|param| Clause { param, test })
}
