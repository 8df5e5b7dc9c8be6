//! Whether a resource meets a search: the reference that stores are tested against.

use serde_json::Value;

use super::{Clause, Demand, Direction, Link, Search, Test};
use crate::definitions::Param;
use crate::index::{IndexValue, entries_of};

/// Whether the resource is of the type that is searched and meets every clause. What is asked of linked resources it
/// does not meet: see [`matches_among`].
#[must_use]
pub fn matches(search: &Search, resource: &Value) -> bool {
    matches_among(search, resource, &[])
}

/// The same, where linked resources are found among `all`. It looks at each of them: a reference to test against.
#[must_use]
pub fn matches_among(search: &Search, resource: &Value, all: &[Value]) -> bool {
    is(resource, search.kind)
        && search.clauses.iter().all(|clause| clause.holds(resource))
        && search.links.iter().all(|link| link.holds(resource, all))
}

impl Link {
    fn holds(&self, resource: &Value, all: &[Value]) -> bool {
        self.ways.iter().any(|way| {
            all.iter().filter(|other| is(other, way.kind)).any(|other| {
                let linked = match self.direction {
                    Direction::To => leads(way.param, resource, other),
                    Direction::From => leads(way.param, other, resource),
                };
                linked && way.demand.holds(other, all)
            })
        })
    }
}

impl Demand {
    fn holds(&self, resource: &Value, all: &[Value]) -> bool {
        match self {
            Self::Value(clause) => clause.holds(resource),
            Self::Link(link) => link.holds(resource, all),
        }
    }
}

/// Whether a reference of one resource leads to the other.
fn leads(param: &Param, from: &Value, to: &Value) -> bool {
    let member = |name: &str| to.get(name).and_then(Value::as_str);
    let is_it = |value: &IndexValue| {
        let IndexValue::Reference { kind, id } = value else { return false };
        member("resourceType") == Some(kind) && member("id") == Some(id)
    };
    entries_of(param, from).iter().any(|entry| is_it(&entry.value))
}

fn is(resource: &Value, kind: &str) -> bool {
    resource.get("resourceType").and_then(Value::as_str) == Some(kind)
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
