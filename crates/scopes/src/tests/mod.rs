//! Laws over every kind of scope, and the examples of the specification.

mod consent;
mod grammar;
mod laws;

use crate::{Permissions, Scope, ScopeSet};

fn scope(text: &str) -> Scope {
    text.parse().unwrap_or_else(|reason| panic!("{text}: {reason}"))
}

fn set(text: &str) -> ScopeSet {
    text.parse().unwrap_or_else(|reason| panic!("{text}: {reason}"))
}

fn permissions(text: &str) -> Permissions {
    scope(text).as_clinical().expect("a scope for records").permissions()
}
