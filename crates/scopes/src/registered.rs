//! What a client may be granted: what it asks, within what it is registered for.

use crate::{Clinical, Permissions, Scope, ScopeSet};

impl ScopeSet {
    /// What of this request lies within `registered`, in the form and order asked. A scope that is
    /// covered stays as it is; one that is covered in part becomes the parts, the shortest way
    /// (SC-6); nothing is ever widened.
    #[must_use]
    pub fn intersect_with_registered(&self, registered: &Self) -> Self {
        self.iter().flat_map(|asked| within(asked, registered)).collect()
    }
}

fn within(asked: &Scope, registered: &ScopeSet) -> Vec<Scope> {
    if registered.covers(asked) {
        return vec![asked.clone()];
    }
    let parts: Vec<_> = registered.iter().filter_map(|limit| asked.narrow(limit)).collect();
    let clinical = parts.iter().filter_map(Scope::as_clinical);
    let others = parts.iter().filter(|part| part.as_clinical().is_none()).cloned();
    others.chain(merged(clinical).into_iter().map(Scope::Clinical)).collect()
}

/// Joins scopes that differ in their permissions only, then drops those that another one covers.
fn merged<'a>(parts: impl Iterator<Item = &'a Clinical>) -> Vec<Clinical> {
    let mut joined: Vec<Clinical> = Vec::new();
    for part in parts {
        match joined.iter_mut().find(|known| same_but_for_permissions(known, part)) {
            Some(known) => *known = known.joined(part.permissions()),
            None => joined.push(part.clone()),
        }
    }
    let covered = |i: usize, part: &Clinical| {
        joined.iter().enumerate().any(|(j, by)| {
            // Of two that say the same, the first stays.
            i != j && by.covers(part) && (j < i || !part.covers(by))
        })
    };
    let kept = joined.iter().enumerate().filter(|(i, part)| !covered(*i, part));
    kept.map(|(_, part)| part.clone()).collect()
}

fn same_but_for_permissions(one: &Clinical, other: &Clinical) -> bool {
    let all = |scope: &Clinical| scope.with_permissions(Permissions::ALL);
    all(one).covers(&all(other)) && all(other).covers(&all(one))
}
