//! What a resource can be found by: the values of its search parameters, as a store keeps them.

pub(crate) mod date;
mod text;

use std::collections::HashSet;

use serde_json::Value;

use crate::definitions::{self, DataType, Path};
use crate::reference::Reference;
pub use text::fold;

/// One value of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexEntry {
    /// The parameter.
    pub param: &'static str,
    /// The value.
    pub value: IndexValue,
}

/// A value, by the kind of its parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum IndexValue {
    /// A code and where it comes from; no system is an empty one.
    Token {
        /// The code system or the namespace of an identifier.
        system: String,
        /// The code or value.
        code: String,
    },
    /// Text.
    String {
        /// Without case and accents, see [`fold`].
        folded: String,
        /// As written.
        exact: String,
    },
    /// A URI.
    Uri(String),
    /// A stretch of time, in milliseconds since 1970, both ends included: `2024` is a whole year.
    Date {
        /// The first millisecond.
        low: i64,
        /// The last millisecond.
        high: i64,
    },
    /// A reference, as [`Reference`] has it.
    Reference {
        /// The type referred to; empty for a URL.
        kind: String,
        /// The id, or the URL.
        id: String,
    },
    /// A number with a unit. A unit whose text differs from its code has an entry of its own.
    Quantity {
        /// The number.
        value: f64,
        /// The system of the unit, or empty.
        system: String,
        /// The code of the unit, or its text, or empty.
        code: String,
    },
}

impl IndexValue {
    /// What tells this from the other values of its parameter.
    fn key(&self) -> (String, String, [u64; 2]) {
        let (one, two, number) = match self {
            Self::Token { system, code } => (system.as_str(), code.as_str(), [0; 2]),
            Self::String { exact, .. } => (exact.as_str(), "", [0; 2]),
            Self::Uri(uri) => (uri.as_str(), "", [0; 2]),
            Self::Date { low, high } => ("", "", [low.cast_unsigned(), high.cast_unsigned()]),
            Self::Reference { kind, id } => (kind.as_str(), id.as_str(), [0; 2]),
            Self::Quantity { value, system, code } => {
                (system.as_str(), code.as_str(), [value.to_bits(), 0])
            }
        };
        (one.to_owned(), two.to_owned(), number)
    }
}

/// Everything a resource can be found by, except `_id` and `_lastUpdated`, which a store has
/// columns for.
#[must_use]
pub fn entries(resource: &Value) -> Vec<IndexEntry> {
    let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    let params = definitions::params(kind).iter().filter(|param| !param.is_own_column());
    params.flat_map(|param| entries_of(param, resource)).collect()
}

/// The values of one parameter.
pub(crate) fn entries_of(param: &definitions::Param, resource: &Value) -> Vec<IndexEntry> {
    let mut values: Vec<_> =
        param.paths.iter().flat_map(|path| found(path, resource, param.kind)).collect();
    let mut seen = HashSet::new();
    values.retain(|value| seen.insert(value.key()));
    values.into_iter().map(|value| IndexEntry { param: param.name, value }).collect()
}

fn found(path: &Path, resource: &Value, kind: definitions::Kind) -> Vec<IndexValue> {
    let elements = path.select(resource).into_iter();
    elements.flat_map(|element| values(element, path.leaf, kind)).collect()
}

/// What one element of a data type is found by.
fn values(element: &Value, leaf: DataType, kind: definitions::Kind) -> Vec<IndexValue> {
    match (leaf, kind) {
        (DataType::Text, definitions::Kind::String) => {
            element.as_str().map(string).into_iter().collect()
        }
        (DataType::Text, _) => element.as_str().map(|code| token("", code)).into_iter().collect(),
        (DataType::Boolean, _) => element.as_bool().map(boolean).into_iter().collect(),
        (DataType::Uri, definitions::Kind::Reference) => canonical(element),
        (DataType::Uri, _) => {
            element.as_str().map(|uri| IndexValue::Uri(uri.to_owned())).into_iter().collect()
        }
        (DataType::Moment, _) => stretch(element.as_str().and_then(date::span)),
        (DataType::Period, _) => stretch(date::period(element)),
        (DataType::Timing, _) => date::timing(element).into_iter().map(span).collect(),
        (DataType::Coding, _) => coding(element).into_iter().collect(),
        (DataType::CodeableConcept, _) => many(element, "coding").filter_map(coding).collect(),
        (DataType::Identifier | DataType::ContactPoint, _) => valued(element),
        (DataType::HumanName, _) => text::name_parts(element).iter().map(string).collect(),
        (DataType::Address, _) => text::address_parts(element).iter().map(string).collect(),
        (DataType::Reference, _) => Reference::of(element).map(reference).into_iter().collect(),
        (DataType::Quantity, _) => quantity(element),
        (DataType::Range, _) => ends(element, ["low", "high"]),
        (DataType::SampledData, _) => ends(element, ["origin", "origin"]),
        (DataType::Deceased, _) => vec![boolean(deceased(element))],
    }
}

fn token(system: &str, code: &str) -> IndexValue {
    IndexValue::Token { system: system.to_owned(), code: code.to_owned() }
}

fn boolean(value: bool) -> IndexValue {
    token("", if value { "true" } else { "false" })
}

fn coding(coding: &Value) -> Option<IndexValue> {
    let code = member(coding, "code")?;
    Some(token(member(coding, "system").unwrap_or_default(), code))
}

/// An identifier or a contact point: both have a `system` and a `value`.
fn valued(element: &Value) -> Vec<IndexValue> {
    let system = member(element, "system").unwrap_or_default();
    member(element, "value").map(|value| token(system, value)).into_iter().collect()
}

fn string(text: impl AsRef<str>) -> IndexValue {
    let exact = text.as_ref().to_owned();
    IndexValue::String { folded: fold(&exact), exact }
}

/// A canonical URL is found with and without its version.
fn canonical(element: &Value) -> Vec<IndexValue> {
    let url = |url: &str| IndexValue::Reference { kind: String::new(), id: url.to_owned() };
    let Some(text) = element.as_str() else { return Vec::new() };
    let bare = text.split_once('|').map(|(bare, _)| bare);
    [Some(text), bare].into_iter().flatten().map(url).collect()
}

fn reference(reference: Reference) -> IndexValue {
    IndexValue::Reference { kind: reference.kind, id: reference.id }
}

fn span((low, high): (i64, i64)) -> IndexValue {
    IndexValue::Date { low, high }
}

fn stretch(found: Option<(i64, i64)>) -> Vec<IndexValue> {
    found.map(span).into_iter().collect()
}

fn quantity(element: &Value) -> Vec<IndexValue> {
    let Some(value) = element.get("value").and_then(Value::as_f64) else { return Vec::new() };
    let entry = |system: &str, code: &str| IndexValue::Quantity {
        value,
        system: system.to_owned(),
        code: code.to_owned(),
    };
    let code = member(element, "code").unwrap_or_default();
    let unit = member(element, "unit").filter(|unit| *unit != code);
    let mut entries = vec![entry(member(element, "system").unwrap_or_default(), code)];
    entries.extend(unit.map(|unit| entry("", unit)));
    entries
}

fn ends(element: &Value, names: [&str; 2]) -> Vec<IndexValue> {
    names.into_iter().filter_map(|name| element.get(name)).flat_map(quantity).collect()
}

/// R4's `Patient.deceased.exists() and Patient.deceased != false`.
fn deceased(patient: &Value) -> bool {
    patient.get("deceasedDateTime").is_some()
        || patient.get("deceasedBoolean") == Some(&Value::Bool(true))
}

fn member<'a>(element: &'a Value, name: &str) -> Option<&'a str> {
    element.get(name).and_then(Value::as_str)
}

fn many<'a>(element: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    element.get(name).and_then(Value::as_array).into_iter().flatten()
}
