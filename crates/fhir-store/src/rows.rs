//! From a resource to its rows in the index tables.

use std::collections::HashSet;

use fireward_fhir::Reference;
use fireward_fhir::compartment::{self, Belonging};
use fireward_fhir::index::{IndexValue, entries};
use serde_json::Value;

use crate::index::Row;

/// Everything the resource is found by, and the patients that it is about.
pub(crate) fn rows_of(resource: &Value) -> Vec<Row> {
    let patients = compartment::patients(resource).into_iter().map(Row::Patient);
    let values = entries(resource).into_iter().map(|entry| {
        let param = entry.param;
        match entry.value {
            IndexValue::Token { system, code } => Row::Token { param, system, code },
            IndexValue::String { folded, exact } => Row::Text { param, folded, exact },
            IndexValue::Uri(value) => Row::Uri { param, value },
            IndexValue::Date { low, high } => Row::Date { param, low, high },
            IndexValue::Reference { kind, id } => Row::Reference { param, kind, target: id },
            IndexValue::Quantity { value, system, code } => {
                Row::Quantity { param, value, system, code }
            }
        }
    });
    patients.chain(values).chain(shared(resource)).chain(members(resource)).collect()
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
