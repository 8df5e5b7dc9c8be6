//! References between resources (FHIR R4 §2.3).

use serde_json::Value;

/// A reference to one resource on this server, or to something elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference {
    /// The type of the resource; empty for what is not on this server.
    pub kind: String,
    /// The id of the resource; the whole URL for what is not on this server.
    pub id: String,
}

impl Reference {
    /// Reads `Type/id`, with or without a version; anything with a scheme is elsewhere. A reference
    /// into the resource itself (`#x`) is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.starts_with('#') {
            return None;
        }
        if text.contains(':') {
            return Some(Self { kind: String::new(), id: text.to_owned() });
        }
        let mut parts = text.split('/');
        let (kind, id) = (parts.next()?, parts.next()?);
        let version =
            matches!((parts.next(), parts.next()), (None, _) | (Some("_history"), Some(_)));
        let typed = fireward_scopes::resource_types::is_type(kind);
        (typed && is_id(id) && version && parts.next().is_none())
            .then(|| Self { kind: kind.to_owned(), id: id.to_owned() })
    }

    /// What a `Reference` element of a resource points to.
    #[must_use]
    pub fn of(element: &Value) -> Option<Self> {
        element.get("reference").and_then(Value::as_str).and_then(Self::parse)
    }
}

/// Whether this can be the id of a resource (FHIR R4 §2.24.0.1 `id`).
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        // These lead elsewhere, where they stand in an address.
        && !matches!(text, "." | "..")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// Makes references to this server's own resources relative, so that a resource is indexed and
/// judged alike however its author wrote them. To be done to every resource that is written.
pub fn relativize(resource: &mut Value, base: &str) {
    match resource {
        Value::Array(items) => items.iter_mut().for_each(|item| relativize(item, base)),
        Value::Object(members) => {
            if let Some(Value::String(target)) = members.get_mut("reference")
                && let Some(relative) = below(target, base)
            {
                *target = relative.to_owned();
            }
            members.values_mut().for_each(|member| relativize(member, base));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What remains of a URL below the base of this server.
#[must_use]
pub fn below<'a>(url: &'a str, base: &str) -> Option<&'a str> {
    let rest = url.strip_prefix(base.trim_end_matches('/'))?;
    rest.strip_prefix('/').filter(|rest| !base.is_empty() && !rest.is_empty())
}

/// Whether a reference to `target` stands anywhere in this JSON.
pub(crate) fn refers_to(json: &Value, target: &Reference) -> bool {
    match json {
        Value::Array(items) => items.iter().any(|item| refers_to(item, target)),
        Value::Object(members) => {
            Reference::of(json).as_ref() == Some(target)
                || members.values().any(|member| refers_to(member, target))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Reference, is_id};

    #[test]
    fn an_id_is_no_step_of_a_path() {
        for id in ["a", "a.b", "...", ".a", "-", &"x".repeat(64)] {
            assert!(is_id(id), "{id}");
        }
        for id in ["", ".", "..", "a/b", "a b", &"x".repeat(65)] {
            assert!(!is_id(id), "{id}");
        }
        assert_eq!(Reference::parse("Patient/.."), None);
    }
}
