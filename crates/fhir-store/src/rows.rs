//! From a resource to its rows in the index tables.

use fireward_fhir::compartment;
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
    patients.chain(values).collect()
}
