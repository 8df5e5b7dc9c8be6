//! The rules of an endpoint (UB-8, profile `user-access-endpoint`).

use super::{
    brand::{is_https, is_web},
    bundle::Member,
    finding::Findings,
    node::Node,
};

const FHIR_VERSION: &str = "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version";
const CONNECTION_TYPE: &str = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type";
const PAYLOAD_TYPE: &str = "http://terminology.hl7.org/CodeSystem/endpoint-payload-type";

pub(super) fn check(endpoint: &Member<'_>, findings: &mut Findings) {
    let node = &endpoint.node;
    versions(node, findings);
    connection(node, findings);
    developers(node, findings);
    payload(node, findings);
    address(node, findings);
}

fn versions(node: &Node<'_>, findings: &mut Findings) {
    let versions = node.extensions(FHIR_VERSION);
    if versions.is_empty() {
        let text = "an endpoint must say which FHIR versions it speaks, by endpoint-fhir-version";
        findings.error("required", &node.at("extension"), text);
    }
    for version in versions {
        if !version.text("valueCode").is_some_and(is_version) {
            let text = "a FHIR version is a valueCode such as 4.0.1";
            findings.error("code-invalid", &version.at("valueCode"), text);
        }
    }
}

/// `4.0.1`, `4.0`, `6.0.0-ballot2` (value set `FHIR-version`).
fn is_version(text: &str) -> bool {
    let (numbers, label) = text.split_once('-').map_or((text, None), |(n, l)| (n, Some(l)));
    let numbered =
        |part: &str| !part.is_empty() && part.bytes().all(|octet| octet.is_ascii_digit());
    let parts: Vec<_> = numbers.split('.').collect();
    matches!(parts.len(), 2 | 3)
        && parts.into_iter().all(numbered)
        && label.is_none_or(|label| {
            !label.is_empty() && label.bytes().all(|octet| octet.is_ascii_alphanumeric())
        })
}

fn connection(node: &Node<'_>, findings: &mut Findings) {
    let kind = node.member("connectionType");
    let rest = kind.is_some_and(|kind| {
        kind.text("system") == Some(CONNECTION_TYPE) && kind.text("code") == Some("hl7-fhir-rest")
    });
    if !rest {
        let text = format!("the connection type must be hl7-fhir-rest of {CONNECTION_TYPE}");
        findings.error("code-invalid", &node.at("connectionType"), text);
    }
}

/// Where developers learn how to connect.
fn developers(node: &Node<'_>, findings: &mut Findings) {
    let contacts = node.items("contact");
    let sites: Vec<_> =
        contacts.iter().filter(|contact| contact.text("system") == Some("url")).collect();
    if sites.is_empty() {
        let text = "an endpoint must have a contact with system url: the site for developers";
        findings.error("required", &node.at("contact"), text);
    }
    for site in sites {
        let absent = site.says_why_absent("value");
        if !absent && !site.text("value").is_some_and(is_https) {
            let text = "the site for developers must be an https address";
            findings.error("value", &site.at("value"), text);
        }
    }
}

fn payload(node: &Node<'_>, findings: &mut Findings) {
    let payloads = node.items("payloadType");
    let carries_none = |payload: &Node<'_>| {
        let codings = payload.items("coding");
        codings.iter().any(|coding| {
            coding.text("system") == Some(PAYLOAD_TYPE) && coding.text("code") == Some("none")
        })
    };
    if !matches!(payloads.as_slice(), [payload] if carries_none(payload)) {
        let text = format!("there must be one payload type, which is none of {PAYLOAD_TYPE}");
        findings.error("code-invalid", &node.at("payloadType"), text);
    }
}

fn address(node: &Node<'_>, findings: &mut Findings) {
    let at = node.at("address");
    match node.text("address") {
        Some(address) if is_https(address) => {}
        Some(address) if is_web(address) => {
            findings.warning("security", &at, "a FHIR server should be reached by https");
        }
        Some(_) | None => {
            findings.error("value", &at, "the address must be the base URL of a FHIR server");
        }
    }
}
