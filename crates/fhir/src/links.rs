//! References between the entries of a transaction: addresses that hold only within the bundle become those under which
//! the server keeps what they stand for (FHIR R4 http.html#trules, bundle.html#references).

use std::collections::BTreeMap;

use serde_json::Value;
use thiserror::Error;

use crate::structure::table::{Definition, definition, resource as resource_definition};

/// A reference to an entry that the bundle does not have, or a search that stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the reference {0} stands for nothing in this bundle")]
pub struct Dangling(pub String);

/// Puts the addresses of `targets` in place of those by which the bundle refers to them: in references, and in elements
/// whose type is a URI. `own` is the address of the resource itself within the bundle, which relative references continue.
///
/// # Errors
/// [`Dangling`] where a reference can mean nothing outside of the bundle and the bundle does not say what.
pub fn rewrite(
    resource: &mut Value,
    own: Option<&str>,
    targets: &BTreeMap<String, String>,
) -> Result<(), Dangling> {
    let root = own.and_then(root_of);
    let kind = resource.get("resourceType").and_then(Value::as_str);
    let definition = kind.and_then(resource_definition);
    walk(resource, definition, &mut |text, is_reference| {
        let continued = || root.map(|root| format!("{root}/{text}"));
        let known = || targets.get(text).or_else(|| targets.get(&continued()?));
        match known() {
            Some(target) => Ok(Some(target.clone())),
            None if is_reference && only_here(text) => Err(Dangling(text.to_owned())),
            None => Ok(None),
        }
    })
}

/// The references of a resource that are searches, such as `Patient?identifier=x`.
#[must_use]
pub fn searches(resource: &Value) -> Vec<String> {
    let mut found = Vec::new();
    // Nothing is changed in the copy.
    let _ = walk(&mut resource.clone(), None, &mut |text, is_reference| {
        if is_reference && is_search(text) && !found.iter().any(|one| one == text) {
            found.push(text.to_owned());
        }
        Ok(None)
    });
    found
}

type Replacement<'a> = &'a mut dyn FnMut(&str, bool) -> Result<Option<String>, Dangling>;

fn walk(
    json: &mut Value,
    of: Option<&'static Definition>,
    replacement: Replacement<'_>,
) -> Result<(), Dangling> {
    match json {
        Value::Array(items) => items.iter_mut().try_for_each(|item| walk(item, of, replacement)),
        Value::Object(members) => {
            let inner = members.get("resourceType").and_then(Value::as_str);
            let of = inner.and_then(resource_definition).or(of);
            members.iter_mut().try_for_each(|(name, value)| member((name, value), of, replacement))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn member(
    (name, value): (&str, &mut Value),
    of: Option<&'static Definition>,
    replacement: Replacement<'_>,
) -> Result<(), Dangling> {
    let kind = of.and_then(|of| of.property(name)).map(|(_, kind)| kind);
    let is_reference = name == "reference";
    let is_uri = kind.is_some_and(|kind| matches!(kind.name, "uri" | "url" | "oid" | "uuid"));
    if let (Value::String(text), true) = (&mut *value, is_reference || is_uri) {
        if let Some(new) = replacement(text, is_reference)? {
            *text = new;
        }
        return Ok(());
    }
    walk(value, kind.and_then(|kind| definition(kind.name)), replacement)
}

/// Whether an address can mean nothing outside of the bundle.
fn only_here(text: &str) -> bool {
    text.starts_with("urn:uuid:") || text.starts_with("urn:oid:") || is_search(text)
}

/// `Type?…` of this server.
fn is_search(text: &str) -> bool {
    text.split_once('?').is_some_and(|(kind, _)| crate::definitions::served(kind).is_some())
}

/// What stands before `/Type/id` of an absolute address.
fn root_of(own: &str) -> Option<&str> {
    let (rest, _) = own.split_once("://").and_then(|_| own.rsplit_once('/'))?;
    rest.rsplit_once('/').map(|(root, _)| root)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{Dangling, rewrite, searches};

    fn targets() -> BTreeMap<String, String> {
        let pairs = [
            ("urn:uuid:1", "Patient/new-1"),
            ("https://elsewhere/r4/Patient/9", "Patient/new-9"),
            ("Patient/temporary", "Patient/new-2"),
            ("Practitioner?identifier=x", "Practitioner/p"),
        ];
        pairs.into_iter().map(|(from, to)| (from.to_owned(), to.to_owned())).collect()
    }

    fn rewritten(mut json: Value, own: Option<&str>) -> Result<Value, Dangling> {
        rewrite(&mut json, own, &targets()).map(|()| json)
    }

    #[test]
    fn addresses_of_the_bundle_become_those_of_the_server() {
        let observation = |subject: &str| {
            json!({ "resourceType": "Observation", "subject": { "reference": subject },
                "performer": [{ "reference": "Practitioner?identifier=x" }, { "reference": "#p" }],
                "derivedFrom": [{ "reference": "https://elsewhere/r4/Observation/5" }],
                "identifier": [{ "system": "urn:uuid:1", "value": "urn:uuid:1" }],
                "contained": [{ "resourceType": "RelatedPerson", "id": "p", "patient": { "reference": "urn:uuid:1" } }] })
        };
        let own = Some("https://elsewhere/r4/Observation/1");
        for (subject, own, wanted) in [
            ("urn:uuid:1", None, "Patient/new-1"),
            ("Patient/temporary", None, "Patient/new-2"),
            ("https://elsewhere/r4/Patient/9", None, "Patient/new-9"),
            ("Patient/9", own, "Patient/new-9"),
            ("Patient/9", None, "Patient/9"),
            ("Patient/other", own, "Patient/other"),
        ] {
            let after = rewritten(observation(subject), own).unwrap();
            assert_eq!(after["subject"]["reference"], wanted, "{subject} {own:?}");
            assert_eq!(after["performer"][0]["reference"], "Practitioner/p");
            assert_eq!(after["derivedFrom"][0]["reference"], "https://elsewhere/r4/Observation/5");
            assert_eq!(after["contained"][0]["patient"]["reference"], "Patient/new-1");
            // A URI is one, a string that looks like one is not.
            let identifier = json!({ "system": "Patient/new-1", "value": "urn:uuid:1" });
            assert_eq!(after["identifier"][0], identifier);
        }
    }

    #[test]
    fn what_stands_for_nothing_is_refused() {
        for dangling in ["urn:uuid:2", "urn:oid:1.2", "Patient?identifier=y"] {
            let json =
                json!({ "resourceType": "Observation", "subject": { "reference": dangling } });
            assert_eq!(rewritten(json, None), Err(Dangling(dangling.to_owned())));
        }
    }

    #[test]
    fn searches_are_found_once() {
        let json = json!({ "subject": { "reference": "Patient?name=a" }, "focus": [
            { "reference": "Patient?name=a" }, { "reference": "https://x/y?z" }, { "reference": "Group?code=b" },
            { "display": "Patient?name=c" }, { "reference": "Nothing?x=y" },
        ] });
        let mut found = searches(&json);
        found.sort();
        assert_eq!(found, ["Group?code=b", "Patient?name=a"]);
    }
}
