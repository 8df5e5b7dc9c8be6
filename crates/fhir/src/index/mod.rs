//! What a resource can be found by: the values of its search parameters, as a store keeps them.

pub(crate) mod date;
mod text;

use std::collections::HashSet;

use serde_json::Value;

use crate::definitions::{self, DataType, Path};
use crate::reference::Reference;
pub use text::fold;
pub(crate) use text::sound;

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
    /// Two values that stand together, of which the first is a token.
    Pair(Box<[IndexValue; 2]>),
}

impl IndexValue {
    /// An element that has no value to be found by, such as a concept in words only: it is not missing.
    const fn present(kind: definitions::Kind) -> Option<Self> {
        match kind {
            definitions::Kind::Token => {
                Some(Self::Token { system: String::new(), code: String::new() })
            }
            definitions::Kind::Reference => {
                Some(Self::Reference { kind: String::new(), id: String::new() })
            }
            definitions::Kind::Date
            | definitions::Kind::String
            | definitions::Kind::Quantity
            | definitions::Kind::Uri
            | definitions::Kind::Composite => None,
        }
    }

    /// Whether this is a value of such a parameter itself, with something to be found by.
    fn is_of(&self, kind: definitions::Kind) -> bool {
        let own = match self {
            Self::Token { .. } => kind == definitions::Kind::Token,
            Self::String { .. } => kind == definitions::Kind::String,
            Self::Uri(_) => kind == definitions::Kind::Uri,
            Self::Date { .. } => kind == definitions::Kind::Date,
            Self::Reference { .. } => kind == definitions::Kind::Reference,
            Self::Quantity { .. } => kind == definitions::Kind::Quantity,
            Self::Pair(_) => kind == definitions::Kind::Composite,
        };
        own && Self::present(kind).is_none_or(|present| present != *self)
    }

    /// What tells this from the other values of its parameter.
    fn key(&self) -> (String, String, [u64; 2]) {
        let (one, two, number) = match self {
            Self::Pair(pair) => return (format!("{pair:?}"), String::new(), [0; 2]),
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
/// columns for, and parameters that find what others do.
///
/// Under the name of a token stand its words as well, as text (`:text`); under that of a reference also the identifier
/// of what is referred to, as a token (`:identifier`).
#[must_use]
pub fn entries(resource: &Value) -> Vec<IndexEntry> {
    let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
    let own = |param: &&definitions::Param| {
        !param.is_own_column() && param.stored_as().contains(&param.name)
    };
    definitions::params(kind).iter().filter(own).flat_map(|p| entries_of(p, resource)).collect()
}

/// The values of one parameter.
pub(crate) fn entries_of(param: &definitions::Param, resource: &Value) -> Vec<IndexEntry> {
    let single = param.paths.iter().flat_map(|path| found(path, resource, param.kind));
    let pairs = param.together.iter().flat_map(|together| pairs(together, resource));
    let mut values: Vec<_> = single.chain(pairs).collect();
    if param.is_phonetic() {
        values = values.iter().flat_map(sounds).collect();
    }
    let mut seen = HashSet::new();
    values.retain(|value| seen.insert(value.key()));
    values.into_iter().map(|value| IndexEntry { param: param.name, value }).collect()
}

fn found(path: &Path, resource: &Value, kind: definitions::Kind) -> Vec<IndexValue> {
    let elements = path.select(resource).into_iter();
    elements.flat_map(|element| values(element, path.leaf, kind)).collect()
}

/// Each first value with each second one of the same element.
fn pairs(together: &definitions::Together, resource: &Value) -> Vec<IndexValue> {
    let [first, second] = &together.parts;
    let of = |part: &definitions::Param, element| {
        let entries = entries_of(part, element).into_iter().map(|entry| entry.value);
        entries.filter(|value| value.is_of(part.kind)).collect::<Vec<_>>()
    };
    let elements = together.context.select(resource).into_iter();
    let pairs = elements.flat_map(|element| {
        let seconds = of(second, element);
        let firsts = of(first, element).into_iter();
        let with = move |one: IndexValue| {
            seconds
                .clone()
                .into_iter()
                .map(move |two| IndexValue::Pair(Box::new([one.clone(), two])))
        };
        firsts.flat_map(with).collect::<Vec<_>>()
    });
    pairs.collect()
}

/// What each word of a text sounds like.
fn sounds(value: &IndexValue) -> Vec<IndexValue> {
    let IndexValue::String { folded, .. } = value else { return Vec::new() };
    let keys = folded.split(' ').map(sound).filter(|key| !key.is_empty());
    keys.map(|key| IndexValue::String { folded: key.clone(), exact: key }).collect()
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
        (DataType::Coding, _) => {
            concept(coding(element).into_iter().collect(), vec![member(element, "display")])
        }
        (DataType::CodeableConcept, _) => {
            let words = many(element, "coding").map(|coding| member(coding, "display"));
            let words = words.chain([member(element, "text")]).collect();
            concept(many(element, "coding").filter_map(coding).collect(), words)
        }
        (DataType::Identifier, _) => {
            let words = element.pointer("/type/text").and_then(Value::as_str);
            concept(valued(element), vec![words])
        }
        (DataType::ContactPoint, _) => concept(valued(element), Vec::new()),
        (DataType::HumanName, _) => text::name_parts(element).iter().map(string).collect(),
        (DataType::Address, _) => text::address_parts(element).iter().map(string).collect(),
        (DataType::Reference, _) => link(element),
        (DataType::Quantity, _) => quantity(element),
        (DataType::Range, _) => ends(element, ["low", "high"]),
        (DataType::SampledData, _) => ends(element, ["origin", "origin"]),
        (DataType::Deceased, _) => vec![boolean(deceased(element))],
    }
}

/// Tokens with their words. A concept that has only words is there all the same.
fn concept(mut tokens: Vec<IndexValue>, words: Vec<Option<&str>>) -> Vec<IndexValue> {
    if tokens.is_empty() {
        tokens.extend(IndexValue::present(definitions::Kind::Token));
    }
    tokens.extend(words.into_iter().flatten().map(string));
    tokens
}

/// A reference, and the identifier of what it refers to.
fn link(element: &Value) -> Vec<IndexValue> {
    let to = Reference::of(element).map(reference);
    let to = to.or_else(|| IndexValue::present(definitions::Kind::Reference));
    to.into_iter().chain(element.get("identifier").into_iter().flat_map(valued)).collect()
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
