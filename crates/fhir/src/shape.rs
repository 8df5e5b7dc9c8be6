//! How much of a resource is shown: `_summary` and `_elements` (FHIR R4 §3.1.1.5.7, §3.1.1.5.8).

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// How much of each resource is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Shape {
    /// All of it.
    #[default]
    Whole,
    /// What its definition marks as a summary: `_summary=true`.
    Summary,
    /// The narrative and what no resource of the type lacks: `_summary=text`.
    Text,
    /// All but the narrative: `_summary=data`.
    Data,
    /// These elements and what no resource of the type lacks: `_elements`.
    Elements(BTreeSet<String>),
}

/// What `_summary` asks for; `count` shows no resource at all, so that it shapes none.
#[must_use]
pub fn summary(value: &str) -> Option<Shape> {
    Some(match value {
        "true" => Shape::Summary,
        "text" => Shape::Text,
        "data" => Shape::Data,
        "false" | "count" => Shape::Whole,
        _ => return None,
    })
}

/// What `_elements` asks for: names of elements of the resource itself.
#[must_use]
pub fn elements(value: &str) -> Option<Shape> {
    let names = value.split(',').map(str::trim);
    let names: Option<BTreeSet<_>> = names
        .map(|name| {
            let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            (plain && name.len() <= 64).then(|| name.to_owned())
        })
        .collect();
    names.map(Shape::Elements)
}

impl Shape {
    /// What the pairs of a query ask for. `_elements` goes before `_summary`; what cannot be read shapes nothing.
    #[must_use]
    pub fn of(pairs: &[(String, String)]) -> Self {
        let last = |wanted: &str| pairs.iter().rev().find(|(name, _)| name == wanted);
        let named = last("_elements").and_then(|(_, value)| elements(value));
        let named = named.or_else(|| last("_summary").and_then(|(_, value)| summary(value)));
        named.unwrap_or_default()
    }

    /// The resource in this shape. One that lacks anything is tagged `SUBSETTED`, so that nobody writes it back.
    #[must_use]
    pub fn apply(&self, resource: &Value) -> Value {
        let Value::Object(members) = resource else { return resource.clone() };
        if *self == Self::Whole {
            return resource.clone();
        }
        let kind = members.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        let known = SUMMARIES.get(kind);
        let kept = members.iter().filter(|(name, _)| self.keeps(name, known, members));
        let kept = kept.map(|(name, value)| {
            let part = *self == Self::Summary && known.is_some_and(|known| known.is_group(name));
            let value = if part { within(value, known, name) } else { value.clone() };
            (name.clone(), value)
        });
        let mut shaped: Map<_, _> = kept.collect();
        tag(&mut shaped);
        Value::Object(shaped)
    }

    fn keeps(&self, name: &str, known: Option<&Known>, all: &Map<String, Value>) -> bool {
        // The twin of a primitive element holds its extensions.
        let name = name.strip_prefix('_').unwrap_or(name);
        let always = BASE.contains(&name) || known.is_some_and(|known| known.needed.contains(name));
        match self {
            Self::Whole => true,
            Self::Summary => always || known.is_some_and(|known| known.shown.contains(name)),
            Self::Text => always || name == "text",
            Self::Data => name != "text",
            Self::Elements(wanted) => {
                // `value` means whichever of `valueQuantity`, `valueString` … there is.
                let choice = |wanted: &String| {
                    let rest = name.strip_prefix(wanted.as_str()).unwrap_or_default();
                    rest.starts_with(|c: char| c.is_ascii_uppercase()) && !all.contains_key(wanted)
                };
                always || wanted.contains(name) || wanted.iter().any(choice)
            }
        }
    }
}

/// The elements of a group that belong to a summary.
fn within(value: &Value, known: Option<&Known>, at: &str) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| within(item, known, at)).collect(),
        Value::Object(members) => {
            let shown = |name: &str| {
                let path = format!("{at}.{}", name.strip_prefix('_').unwrap_or(name));
                let known = known.is_some_and(|known| known.shown.contains(path.as_str()));
                known || matches!(name, "id" | "modifierExtension")
            };
            let kept = members.iter().filter(|(name, _)| shown(name));
            Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn tag(members: &mut Map<String, Value>) {
    let meta = members.entry("meta").or_insert_with(|| json!({}));
    let Value::Object(meta) = meta else { return };
    let tags = meta.entry("tag").or_insert_with(|| json!([]));
    if let Value::Array(tags) = tags {
        tags.push(json!({ "system": OBSERVATION_VALUE, "code": "SUBSETTED" }));
    }
}

/// What is known of a type's elements.
struct Known {
    /// Those that belong to a summary; in groups, with their path.
    shown: BTreeSet<&'static str>,
    /// Those that no resource of the type lacks.
    needed: BTreeSet<&'static str>,
}

impl Known {
    fn is_group(&self, name: &str) -> bool {
        self.shown.iter().any(|path| path.strip_prefix(name).is_some_and(|r| r.starts_with('.')))
    }
}

static SUMMARIES: LazyLock<HashMap<&'static str, Known>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let (kind, words) = line.split_once(' ')?;
        let plain = |word: &'static str| word.strip_suffix('!').unwrap_or(word);
        let needed = words.split(' ').filter_map(|word| word.strip_suffix('!'));
        Some((
            kind,
            Known { shown: words.split(' ').map(plain).collect(), needed: needed.collect() },
        ))
    };
    include_str!("../data/summaries.txt").lines().filter_map(line).collect()
});

const BASE: [&str; 5] = ["resourceType", "id", "meta", "implicitRules", "modifierExtension"];
const OBSERVATION_VALUE: &str = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{SUMMARIES, Shape, elements, summary};
    use crate::definitions::types;

    fn shaped(shape: &Shape) -> Vec<String> {
        let observation = json!({
            "resourceType": "Observation", "id": "o", "meta": { "versionId": "2" }, "text": {},
            "status": "final", "category": [], "code": { "text": "weight" }, "_issued": {},
            "valueQuantity": { "value": 7 }, "note": [{}], "component": [{ "code": {}, "interpretation": [] }],
        });
        let found = shape.apply(&observation);
        assert_eq!(found["meta"]["versionId"], "2");
        assert_eq!(found["meta"]["tag"][0]["code"], "SUBSETTED");
        let names = found.as_object().unwrap().keys();
        names
            .filter(|name| !["resourceType", "id", "meta"].contains(&name.as_str()))
            .cloned()
            .collect()
    }

    #[test]
    fn each_summary_shows_what_r4_says() {
        let told = |value| shaped(&summary(value).unwrap());
        assert_eq!(told("true"), ["_issued", "code", "component", "status", "valueQuantity"]);
        assert_eq!(told("text"), ["code", "status", "text"]);
        assert!(!told("data").contains(&"text".to_owned()) && told("data").len() == 7);
        assert_eq!(summary("false"), Some(Shape::Whole));
        assert_eq!(summary("count"), Some(Shape::Whole));
        assert_eq!(summary("everything"), None);
        let whole: Value = json!({ "resourceType": "Observation" });
        assert_eq!(Shape::Whole.apply(&whole), whole);
        let groups = json!({ "resourceType": "Observation", "component": [{ "code": {}, "interpretation": [] }] });
        assert_eq!(Shape::Summary.apply(&groups)["component"], json!([{ "code": {} }]));
    }

    #[test]
    fn elements_are_those_named_and_those_that_none_lacks() {
        assert_eq!(
            shaped(&elements("note, value").unwrap()),
            ["code", "note", "status", "valueQuantity"]
        );
        for bad in ["", "a,", "a.b", "a b"] {
            assert_eq!(elements(bad), None, "{bad}");
        }
        let pairs = |text: &[(&str, &str)]| {
            text.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(Shape::of(&pairs(&[("_summary", "text")])), Shape::Text);
        assert_eq!(
            Shape::of(&pairs(&[("_elements", "a"), ("_summary", "text")])),
            elements("a").unwrap()
        );
        assert_eq!(Shape::of(&[]), Shape::Whole);
    }

    #[test]
    fn every_type_that_is_served_has_a_summary() {
        for kind in types() {
            assert!(SUMMARIES.contains_key(kind), "{kind}");
        }
    }
}
