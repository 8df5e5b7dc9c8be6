//! The walk through a resource beside the table.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::issue::Issue;
use super::primitive;
use super::table::{Definition, Element, Type, codes, definition, resource};

/// What is wrong with a resource of this type. No more than twenty issues are told.
#[must_use]
pub fn issues(kind: &str, json: &Value) -> Vec<Issue> {
    let mut walk = Walk { issues: Vec::new(), contained: HashSet::new() };
    let found = json.get("resourceType").and_then(Value::as_str);
    if found == Some(kind) {
        walk.resource(json, kind, false);
    } else {
        walk.tell("structure", kind, format!("is not a {kind}: see its resourceType"));
    }
    walk.issues
}

/// What is wrong with a resource of whatever type it says it is.
#[must_use]
pub fn issues_of_any(json: &Value) -> Vec<Issue> {
    let kind = json.get("resourceType").and_then(Value::as_str).unwrap_or("Resource");
    issues(kind, json)
}

struct Walk<'a> {
    issues: Vec<Issue>,
    /// The ids of the resources inside: what `#id` may refer to.
    contained: HashSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn tell(&mut self, code: &'static str, at: &str, text: impl Into<String>) {
        if self.issues.len() < MOST {
            let text = format!("{at} {}", text.into());
            self.issues.push(Issue { code, expression: at.to_owned(), text });
        }
    }

    fn resource(&mut self, json: &'a Value, at: &str, inside: bool) {
        let Value::Object(members) = json else {
            return self.tell("structure", at, "is not an object");
        };
        let kind = members.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        let Some(definition) = resource(kind) else {
            return self.tell("structure", at, "has no resourceType that R4 knows");
        };
        if inside && members.contains_key("contained") {
            self.tell("structure", at, "is contained and must not contain resources itself");
        }
        let outer = if inside { None } else { Some(std::mem::take(&mut self.contained)) };
        if !inside {
            let within = members.get("contained").and_then(Value::as_array);
            let ids = within.into_iter().flatten().filter_map(|one| one.get("id")?.as_str());
            self.contained = ids.collect();
        }
        self.object(definition, members, at);
        if let Some(outer) = outer {
            self.contained = outer;
        }
    }

    fn object(
        &mut self,
        definition: &'static Definition,
        members: &'a Map<String, Value>,
        at: &str,
    ) {
        if members.is_empty() {
            return self.tell("structure", at, "is an empty object");
        }
        for (name, value) in members {
            if name == "resourceType" && definition.resource {
                continue;
            }
            let plain = name.strip_prefix('_').unwrap_or(name);
            let Some((element, kind)) = definition.property(plain) else {
                let at = format!("{at}.{name}");
                self.tell("structure", &at, "is no element of R4 here");
                continue;
            };
            let at = format!("{at}.{}", element.name);
            if plain == name {
                let beside = members.get(&format!("_{name}"));
                self.property((element, kind), (value, beside), &at);
            } else if !kind.is_primitive() {
                self.tell("structure", &at, format!("is no primitive, so there is no {name}"));
            } else if !members.contains_key(plain) {
                self.property((element, kind), (&Value::Null, Some(value)), &at);
            }
        }
        for element in &definition.elements {
            self.presence(element, members, at);
        }
    }

    /// Whether an element is there as often as it must and may be.
    fn presence(&mut self, element: &Element, members: &Map<String, Value>, at: &str) {
        if !element.required && !element.choice {
            return;
        }
        let there = element.types.iter().filter(|kind| {
            let property = element.property(kind);
            members.contains_key(&property) || members.contains_key(&format!("_{property}"))
        });
        let at = || format!("{at}.{}", element.name);
        match there.count() {
            0 if element.required => self.tell("required", &at(), "is missing and must be there"),
            0 | 1 => {}
            _ => self.tell("structure", &at(), "is there with more than one type"),
        }
    }

    /// One property, with what stands beside it under `_name`.
    fn property(
        &mut self,
        (element, kind): (&'static Element, &'static Type),
        (value, beside): (&'a Value, Option<&'a Value>),
        at: &str,
    ) {
        if !element.many {
            return self.value((element, kind), (value, beside), at);
        }
        let none = Vec::new();
        let list = |json: Option<&'a Value>| match json {
            None | Some(Value::Null) => Some(None),
            Some(Value::Array(items)) if !items.is_empty() => Some(Some(items)),
            Some(_) => None,
        };
        let (Some(values), Some(besides)) = (list(Some(value)), list(beside)) else {
            return self.tell("structure", at, "is not an array, or an empty one");
        };
        if value.is_null() && (besides.is_none() || !kind.is_primitive()) {
            return self.tell("structure", at, "is null");
        }
        let longest = values.unwrap_or(&none).len().max(besides.map_or(0, Vec::len));
        for index in 0..longest {
            let value = values.and_then(|values| values.get(index)).unwrap_or(&Value::Null);
            let beside = besides.and_then(|besides| besides.get(index));
            self.value(
                (element, kind),
                (value, beside.filter(|one| !one.is_null())),
                &format!("{at}[{index}]"),
            );
        }
    }

    fn value(
        &mut self,
        (element, kind): (&'static Element, &'static Type),
        (value, beside): (&'a Value, Option<&'a Value>),
        at: &str,
    ) {
        if kind.is_primitive() {
            if let Some(beside) = beside {
                self.beside(beside, at);
            }
            if !value.is_null() {
                self.primitive(element, kind, value, at);
            } else if beside.is_none() {
                self.tell("structure", at, "is null");
            }
            return;
        }
        if kind.name == "Resource" {
            return self.resource(value, at, element.name == "contained");
        }
        let Value::Object(members) = value else {
            return self.tell(
                "structure",
                at,
                format!("is not an object, as a {} must be", kind.name),
            );
        };
        if let Some(definition) = definition(kind.name) {
            self.object(definition, members, at);
        }
        match kind.name {
            "Reference" => self.reference(kind, members, at),
            "Extension" => self.extension(members, at),
            _ => {}
        }
    }

    /// The id and the extensions of a primitive.
    fn beside(&mut self, json: &'a Value, at: &str) {
        match (json, definition("Element")) {
            (Value::Object(members), Some(definition)) => self.object(definition, members, at),
            _ => self.tell("structure", at, "has something beside it that is not an object"),
        }
    }

    fn primitive(&mut self, element: &Element, kind: &Type, value: &Value, at: &str) {
        if let Some(fault) = primitive::fault(kind.name, value) {
            let shown: String = value.to_string().chars().take(SHOWN).collect();
            return self.tell("value", at, format!("{fault} ({}): {shown}", kind.name));
        }
        let (Some(set), Some(code)) = (element.codes, value.as_str()) else { return };
        if kind.name == "code" && !codes(set).contains(&code) {
            let shown: String = code.chars().take(SHOWN).collect();
            self.tell(
                "code-invalid",
                at,
                format!("is {shown}, which is not in the value set {set}"),
            );
        }
    }

    /// A reference within the resource must find its target, and one by type must be of a type that may be there.
    fn reference(&mut self, kind: &Type, members: &Map<String, Value>, at: &str) {
        let Some(text) = members.get("reference").and_then(Value::as_str) else { return };
        if let Some(id) = text.strip_prefix('#') {
            if !id.is_empty() && !self.contained.contains(id) {
                self.tell("not-found", at, format!("refers to #{id}, which is not contained"));
            }
            return;
        }
        // What is elsewhere is not ours to judge.
        let local = crate::Reference::parse(text).filter(|target| !target.kind.is_empty());
        let Some(target) = local else { return };
        if resource(&target.kind).is_none() {
            return self.tell(
                "value",
                at,
                format!("refers to a {}, which R4 does not know", target.kind),
            );
        }
        if !kind.targets.is_empty() && !kind.targets.contains(&target.kind.as_str()) {
            let may = kind.targets.join(", ");
            self.tell("value", at, format!("refers to a {} where R4 has only {may}", target.kind));
        }
    }

    /// An extension has a value or extensions of its own, and never both (ext-1).
    fn extension(&mut self, members: &Map<String, Value>, at: &str) {
        let value = members.keys().any(|name| name.trim_start_matches('_').starts_with("value"));
        if value == members.contains_key("extension") {
            self.tell("invariant", at, "must have either a value or extensions (ext-1)");
        }
    }
}

/// How many issues are told of one resource.
const MOST: usize = 20;

/// How much of a wrong value is shown.
const SHOWN: usize = 60;
