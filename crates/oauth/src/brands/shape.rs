//! Whether a bundle is made as FHIR R4 makes them: which elements there are, how often, and of which type.
//!
//! No more of R4 than brands and endpoints are made of; a member that is not listed is an error, as it is to any
//! validator.

use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{finding::Findings, node::Node};

/// One element of a type.
#[derive(Clone, Copy)]
struct Element {
    name: &'static str,
    kind: &'static str,
    list: bool,
    required: bool,
}

const fn one(name: &'static str, kind: &'static str) -> Element {
    Element { name, kind, list: false, required: false }
}

const fn many(name: &'static str, kind: &'static str) -> Element {
    Element { name, kind, list: true, required: false }
}

const fn must(element: Element) -> Element {
    Element { required: true, ..element }
}

const RESOURCE: &[Element] = &[
    one("resourceType", "code"),
    one("meta", "Meta"),
    one("implicitRules", "uri"),
    one("language", "code"),
];

/// The elements of a type; none where it is primitive or not of those that brands are made of.
fn elements(kind: &str) -> Option<&'static [Element]> {
    Some(match kind {
        "Bundle" => BUNDLE,
        "Bundle.entry" => ENTRY,
        "Organization" => ORGANIZATION,
        "Organization.contact" => ORGANIZATION_CONTACT,
        "Endpoint" => ENDPOINT,
        "Meta" => META,
        "Extension" => EXTENSION,
        "Identifier" => IDENTIFIER,
        "Reference" => REFERENCE,
        "CodeableConcept" => CODEABLE_CONCEPT,
        "Coding" => CODING,
        "ContactPoint" => CONTACT_POINT,
        "Address" => ADDRESS,
        "HumanName" => HUMAN_NAME,
        "Period" => PERIOD,
        _ => return None,
    })
}

const BUNDLE: &[Element] = &[
    one("identifier", "Identifier"),
    must(one("type", "code")),
    one("timestamp", "instant"),
    many("link", "Any"),
    must(many("entry", "Bundle.entry")),
];
const ENTRY: &[Element] = &[one("fullUrl", "uri"), must(one("resource", "Resource"))];
const ORGANIZATION: &[Element] = &[
    many("identifier", "Identifier"),
    one("active", "boolean"),
    many("type", "CodeableConcept"),
    one("name", "string"),
    many("alias", "string"),
    many("telecom", "ContactPoint"),
    many("address", "Address"),
    one("partOf", "Reference"),
    many("contact", "Organization.contact"),
    many("endpoint", "Reference"),
];
const ORGANIZATION_CONTACT: &[Element] = &[
    one("purpose", "CodeableConcept"),
    one("name", "HumanName"),
    many("telecom", "ContactPoint"),
    one("address", "Address"),
];
const ENDPOINT: &[Element] = &[
    many("identifier", "Identifier"),
    must(one("status", "EndpointStatus")),
    must(one("connectionType", "Coding")),
    one("name", "string"),
    one("managingOrganization", "Reference"),
    many("contact", "ContactPoint"),
    one("period", "Period"),
    must(many("payloadType", "CodeableConcept")),
    many("payloadMimeType", "code"),
    must(one("address", "url")),
    many("header", "string"),
];
const META: &[Element] = &[
    one("versionId", "id"),
    one("lastUpdated", "instant"),
    one("source", "uri"),
    many("profile", "uri"),
    many("security", "Coding"),
    many("tag", "Coding"),
];
const EXTENSION: &[Element] = &[must(one("url", "uri"))];
const IDENTIFIER: &[Element] = &[
    one("use", "code"),
    one("type", "CodeableConcept"),
    one("system", "uri"),
    one("value", "string"),
    one("period", "Period"),
    one("assigner", "Reference"),
];
const REFERENCE: &[Element] = &[
    one("reference", "string"),
    one("type", "uri"),
    one("identifier", "Identifier"),
    one("display", "string"),
];
const CODEABLE_CONCEPT: &[Element] = &[many("coding", "Coding"), one("text", "string")];
const CODING: &[Element] = &[
    one("system", "uri"),
    one("version", "string"),
    one("code", "code"),
    one("display", "string"),
    one("userSelected", "boolean"),
];
const CONTACT_POINT: &[Element] = &[
    one("system", "ContactPointSystem"),
    one("value", "string"),
    one("use", "code"),
    one("rank", "Any"),
    one("period", "Period"),
];
const ADDRESS: &[Element] = &[
    one("use", "code"),
    one("type", "code"),
    one("text", "string"),
    many("line", "string"),
    one("city", "string"),
    one("district", "string"),
    one("state", "string"),
    one("postalCode", "string"),
    one("country", "string"),
    one("period", "Period"),
];
const HUMAN_NAME: &[Element] = &[
    one("use", "code"),
    one("text", "string"),
    one("family", "string"),
    many("given", "string"),
    many("prefix", "string"),
    many("suffix", "string"),
    one("period", "Period"),
];
const PERIOD: &[Element] = &[one("start", "dateTime"), one("end", "dateTime")];

/// Says what is not as R4 has it.
pub(super) fn check(root: &Node<'_>, findings: &mut Findings) {
    if root.text("resourceType") != Some("Bundle") {
        findings.error("structure", &root.path, "this is no Bundle: see its resourceType");
        return;
    }
    object(root, "Bundle", findings);
}

fn value(node: &Node<'_>, kind: &str, findings: &mut Findings) {
    match kind {
        "Any" => {}
        "Resource" => {
            if let Some(kind @ ("Organization" | "Endpoint")) = node.text("resourceType") {
                object(node, kind, findings);
            } else {
                let text = "a bundle of brands holds Organization and Endpoint resources alone";
                findings.error("structure", &node.at("resourceType"), text);
            }
        }
        _ if elements(kind).is_some() => object(node, kind, findings),
        _ => {
            if let Some(wrong) = primitive(node.value, kind) {
                findings.error("value", &node.path, wrong);
            }
        }
    }
}

fn object(node: &Node<'_>, kind: &str, findings: &mut Findings) {
    let Value::Object(members) = node.value else {
        findings.error("structure", &node.path, format!("it must be an object: {kind}"));
        return;
    };
    if members.is_empty() {
        findings.error("structure", &node.path, "an empty object says nothing: leave it out");
    }
    for name in members.keys() {
        member(node, kind, name, findings);
    }
    for element in known(kind).filter(|element| element.required) {
        if !members.contains_key(element.name) && !node.says_why_absent(element.name) {
            findings.error("required", &node.at(element.name), format!("{kind} must have it"));
        }
    }
    if kind == "Extension" {
        one_content(node, findings);
    }
}

fn known(kind: &str) -> impl Iterator<Item = &'static Element> {
    let resource: &[Element] = if is_resource(kind) { RESOURCE } else { &[] };
    resource.iter().chain(elements(kind).unwrap_or_default())
}

fn is_resource(kind: &str) -> bool {
    matches!(kind, "Bundle" | "Organization" | "Endpoint")
}

fn member(node: &Node<'_>, kind: &str, name: &str, findings: &mut Findings) {
    let Some(found) = node.member(name) else { return };
    if let Some(element) = known(kind).find(|element| element.name == name) {
        return repeated(node, &found, element, findings);
    }
    match name {
        "id" => value(&found, "id", findings),
        // Markup that anybody's page would show: what a brand says is in its elements.
        "text" if is_resource(kind) => {
            let text = "a narrative is not published, as it is markup: leave text out";
            findings.error("not-supported", &found.path, text);
        }
        "extension" => {
            repeated(node, &found, &many("extension", "Extension"), findings);
        }
        // A primitive's own id and extensions stand beside it.
        _ if beside(kind, name) => {
            if !found.value.is_object() && !found.value.is_array() {
                findings.error("structure", &found.path, "it must hold extensions of the element");
            }
        }
        _ => match name.strip_prefix("value").filter(|_| kind == "Extension") {
            Some(typed) => value(&found, content_kind(typed), findings),
            None => findings.error("structure", &found.path, format!("{kind} has no such element")),
        },
    }
}

fn beside(kind: &str, name: &str) -> bool {
    name.strip_prefix('_').is_some_and(|name| {
        let primitive = |element: &Element| elements(element.kind).is_none();
        let of_value = kind == "Extension" && name.starts_with("value");
        of_value || known(kind).any(|element| element.name == name && primitive(element))
    })
}

/// Once, or a list that is not empty.
fn repeated(node: &Node<'_>, found: &Node<'_>, element: &Element, findings: &mut Findings) {
    match (element.list, found.value) {
        (true, Value::Array(items)) if items.is_empty() => {
            findings.error("structure", &found.path, "an empty list says nothing: leave it out");
        }
        (true, Value::Array(_)) => {
            for item in node.items(element.name) {
                // Where only an extension says something, null holds the place.
                if !item.value.is_null() {
                    value(&item, element.kind, findings);
                }
            }
        }
        (true, _) => findings.error("structure", &found.path, "it must be a list"),
        (false, Value::Array(_)) => {
            findings.error("structure", &found.path, "it must be there once, not as a list");
        }
        (false, _) => value(found, element.kind, findings),
    }
}

/// An extension has a value, or extensions of its own, and never both.
fn one_content(node: &Node<'_>, findings: &mut Findings) {
    let members = node.value.as_object().into_iter().flat_map(serde_json::Map::keys);
    let named: Vec<_> = members.map(|name| name.trim_start_matches('_')).collect();
    let mut values: Vec<_> = named.iter().filter(|name| name.starts_with("value")).collect();
    values.dedup();
    values.sort_unstable();
    values.dedup();
    if values.len() + usize::from(named.contains(&"extension")) != 1 {
        let text = "an extension has one value, or extensions of its own";
        findings.error("structure", &node.path, text);
    }
}

/// The type that a `value[x]` has by its name.
fn content_kind(typed: &str) -> &'static str {
    match typed {
        "String" => "string",
        "Markdown" => "markdown",
        "Url" => "url",
        "Uri" | "Canonical" => "uri",
        "Code" => "code",
        "Boolean" => "boolean",
        "Instant" => "instant",
        "DateTime" => "dateTime",
        "Reference" => "Reference",
        "Identifier" => "Identifier",
        "Coding" => "Coding",
        "CodeableConcept" => "CodeableConcept",
        "Period" => "Period",
        // Of other types nothing is made here, whatever they mean.
        _ => "Any",
    }
}

/// What is wrong with a primitive (FHIR R4 datatypes.html#primitive).
fn primitive(value: &Value, kind: &str) -> Option<String> {
    if kind == "boolean" {
        return (!value.is_boolean()).then(|| "it must be true or false".to_owned());
    }
    let Some(text) = value.as_str() else { return Some(format!("it must be a text: {kind}")) };
    let fits = match kind {
        "uri" => !text.is_empty() && !text.contains(char::is_whitespace),
        "url" => url::Url::parse(text).is_ok() && !text.contains(char::is_whitespace),
        "code" => !text.is_empty() && text.trim() == text,
        "id" => is_id(text),
        "instant" => OffsetDateTime::parse(text, &Rfc3339).is_ok(),
        "dateTime" => text.len() >= 4 && text.bytes().take(4).all(|octet| octet.is_ascii_digit()),
        "EndpointStatus" => ENDPOINT_STATUS.contains(&text),
        "ContactPointSystem" => CONTACT_SYSTEMS.contains(&text),
        _ => !text.trim().is_empty(),
    };
    (!fits).then(|| match kind {
        "EndpointStatus" => format!("it must be one of {}", ENDPOINT_STATUS.join(", ")),
        "ContactPointSystem" => format!("it must be one of {}", CONTACT_SYSTEMS.join(", ")),
        "instant" => "it must be a moment such as 2026-11-22T06:00:00Z".to_owned(),
        _ => format!("this is no {kind}"),
    })
}

/// FHIR R4 §2.24.0.1 `id`.
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.'))
}

const ENDPOINT_STATUS: [&str; 6] =
    ["active", "suspended", "error", "off", "entered-in-error", "test"];
const CONTACT_SYSTEMS: [&str; 7] = ["phone", "fax", "email", "pager", "url", "sms", "other"];
