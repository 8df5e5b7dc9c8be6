//! From a resource to its rows in the index tables.

use std::collections::HashSet;

use fireward_fhir::Reference;
use fireward_fhir::compartment::{self, Belonging};
use fireward_fhir::index::{IndexValue, entries};
use serde_json::Value;

use crate::index::{Pair, Row};

/// Everything the resource is found by, and the patients that it is about.
pub(crate) fn rows_of(resource: &Value) -> Vec<Row> {
    let patients = compartment::patients(resource).into_iter().map(Row::Patient);
    let values = entries(resource).into_iter().map(|entry| row(entry.param, entry.value));
    patients.chain(values).chain(shared(resource)).chain(members(resource)).collect()
}

fn row(param: &'static str, value: IndexValue) -> Row {
    match value {
        IndexValue::Token { system, code } => Row::Token { param, system, code },
        IndexValue::String { folded, exact } => Row::Text { param, folded, exact },
        IndexValue::Uri(value) => Row::Uri { param, value },
        IndexValue::Date { low, high } => Row::Date { param, low, high },
        IndexValue::Reference { kind, id } => Row::Reference { param, kind, target: id },
        IndexValue::Quantity { value, system, code } => {
            Row::Quantity { param, value, system, code }
        }
        IndexValue::Pair(pair) => Row::Pair(together(param, *pair)),
    }
}

fn together(param: &'static str, [first, second]: [IndexValue; 2]) -> Pair {
    let mut pair = Pair { param, ..Pair::default() };
    if let IndexValue::Token { system, code } = first {
        (pair.system, pair.code) = (system, code);
    }
    match second {
        IndexValue::Token { system, code } => (pair.other_system, pair.other) = (system, code),
        IndexValue::Reference { kind, id } => (pair.other_system, pair.other) = (kind, id),
        IndexValue::String { folded, .. } => pair.other = folded,
        IndexValue::Uri(uri) => pair.other = uri,
        IndexValue::Date { low, high } => (pair.low, pair.high) = (low, high),
        IndexValue::Quantity { value, system, code } => {
            (pair.number, pair.other_system, pair.other) = (value, system, code);
        }
        // There are no pairs of pairs.
        IndexValue::Pair(_) => {}
    }
    pair
}

/// Every reference to a resource that patients share, wherever in the resource it stands: it lets those who may see this
/// resource see that one (D-35).
fn shared(resource: &Value) -> Vec<Row> {
    let mut found = HashSet::new();
    collect(resource, &mut found);
    let row = |target: Reference| Row::Reference {
        param: ANYWHERE,
        kind: target.kind,
        target: target.id,
    };
    found.into_iter().map(row).collect()
}

/// The patients whose records a Group opens. Its parameter `member` also finds those who do not count.
fn members(resource: &Value) -> Vec<Row> {
    let row = |target| Row::Reference { param: MEMBERSHIP, kind: "Patient".into(), target };
    compartment::members(resource).into_iter().map(row).collect()
}

fn collect(json: &Value, found: &mut HashSet<Reference>) {
    match json {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => {
            let target = Reference::of(json);
            found.extend(target.filter(|to| compartment::belonging(&to.kind) == Belonging::Shared));
            members.values().for_each(|member| collect(member, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Stands for the name of a parameter in rows that no parameter has made.
pub(crate) const ANYWHERE: &str = "";

/// Stands for the name of a parameter in rows that say who counts as a member of a Group.
pub(crate) const MEMBERSHIP: &str = "(member)";
