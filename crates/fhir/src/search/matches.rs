//! Whether a resource meets a search: the reference that stores are tested against.

use serde_json::Value;

use super::{Clause, Search, Test};
use crate::index::entries_of;

/// Whether the resource is of the type that is searched and meets every clause.
#[must_use]
pub fn matches(search: &Search, resource: &Value) -> bool {
    resource.get("resourceType").and_then(Value::as_str) == Some(search.kind)
        && search.clauses.iter().all(|clause| clause.holds(resource))
}

impl Clause {
    /// Whether the resource meets this clause.
    #[must_use]
    pub fn holds(&self, resource: &Value) -> bool {
        let values: Vec<_> =
            entries_of(self.param, resource).into_iter().map(|entry| entry.value).collect();
        let meets = |criteria: &[super::Criterion]| {
            criteria.iter().any(|criterion| values.iter().any(|value| criterion.holds(value)))
        };
        match &self.test {
            Test::Missing(missing) => values.is_empty() == *missing,
            Test::Any(criteria) => meets(criteria),
            Test::Not(criteria) => !meets(criteria),
        }
    }
}
