//! A good bundle, and what is said when one thing in it is changed.

mod laws;
mod publishing;
mod rules;

use serde_json::{Value, json};

use super::{BrandIdentifier, Finding, Severity, check};

/// Two brands, the second part of the first, and two endpoints.
pub(super) fn good() -> Value {
    json!({
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": "2026-11-01T08:00:00Z",
        "meta": { "lastUpdated": "2026-11-01T08:00:00Z" },
        "entry": [
            { "fullUrl": "https://auth.example/brands/Organization/clinic", "resource": clinic() },
            { "fullUrl": "https://auth.example/brands/Organization/lab", "resource": lab() },
            { "fullUrl": "https://auth.example/brands/Endpoint/r4", "resource": endpoint("r4") },
            { "fullUrl": "https://auth.example/brands/Endpoint/old", "resource": endpoint("old") },
        ],
    })
}

fn clinic() -> Value {
    json!({
        "resourceType": "Organization",
        "id": "clinic",
        "meta": { "lastUpdated": "2026-11-01T08:00:00Z" },
        "extension": [
            { "url": "http://hl7.org/fhir/StructureDefinition/organization-brand", "extension": [
                { "url": "brandLogo", "valueUrl": "https://clinic.example/logo.svg" },
                { "url": "brandLogoLicense", "valueUrl": "https://clinic.example/licence" },
                { "url": "brandBundle", "valueUrl": "https://clinic.example/brands" },
            ] },
            { "url": "http://hl7.org/fhir/StructureDefinition/organization-portal", "extension": [
                { "url": "portalName", "valueString": "My Clinic" },
                { "url": "portalDescription", "valueMarkdown": "For *patients*" },
                { "url": "portalUrl", "valueUrl": "https://my.clinic.example/" },
                { "url": "portalLogo", "valueUrl": "data:image/svg+xml;base64,PHN2Zy8+" },
                { "url": "portalEndpoint", "valueReference": { "reference": "Endpoint/r4" } },
            ] },
        ],
        "identifier": [
            { "system": "urn:ietf:rfc:3986", "value": "https://clinic.example" },
            { "system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893" },
        ],
        "active": true,
        "type": [{ "coding": [
            { "system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "prov" },
        ] }],
        "name": "The Clinic",
        "alias": ["Clinic on the Hill"],
        "telecom": [{ "system": "url", "value": "https://www.clinic.example/" }],
        "address": [{ "city": "Springfield", "state": "MA", "country": "US" }],
        "endpoint": [{ "reference": "Endpoint/r4" }, { "reference": "Endpoint/old" }],
    })
}

fn lab() -> Value {
    json!({
        "resourceType": "Organization",
        "id": "lab",
        "meta": { "lastUpdated": "2026-11-01T08:00:00Z" },
        "identifier": [{ "system": "urn:ietf:rfc:3986", "value": "https://lab.example" }],
        "type": [{ "coding": [
            { "system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "laboratory" },
        ] }],
        "name": "The Clinic's Laboratory",
        "telecom": [{ "system": "url", "value": "https://lab.example/" }],
        "partOf": { "reference": "Organization/clinic" },
    })
}

fn endpoint(id: &str) -> Value {
    json!({
        "resourceType": "Endpoint",
        "id": id,
        "meta": { "lastUpdated": "2026-11-01T08:00:00Z" },
        "extension": [
            { "url": "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version", "valueCode": "4.0.1" },
        ],
        "status": "active",
        "connectionType": {
            "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
            "code": "hl7-fhir-rest",
        },
        "name": "Records",
        "contact": [{ "system": "url", "value": "https://developers.clinic.example/" }],
        "payloadType": [{ "coding": [
            { "system": "http://terminology.hl7.org/CodeSystem/endpoint-payload-type", "code": "none" },
        ] }],
        "address": format!("https://fhir.clinic.example/{id}"),
    })
}

/// The good bundle with the value at a JSON pointer replaced or added; null removes it.
pub(super) fn with(pointer: &str, value: Value) -> Value {
    changed(good(), pointer, value)
}

pub(super) fn changed(mut bundle: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match bundle.pointer_mut(parent).unwrap() {
        Value::Object(members) if value.is_null() => drop(members.remove(name)),
        Value::Object(members) => drop(members.insert(name.to_owned(), value)),
        Value::Array(items) if name == "-" => items.push(value),
        Value::Array(items) if value.is_null() => drop(items.remove(name.parse().unwrap())),
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            unreachable!("{pointer}")
        }
    }
    bundle
}

pub(super) fn errors(bundle: &Value, named: Option<&str>) -> Vec<Finding> {
    let named: Option<BrandIdentifier> = named.map(|text| text.parse().unwrap());
    let mut findings = check(bundle, named.as_ref());
    findings.retain(|finding| finding.severity == Severity::Error);
    findings
}

/// What is wrong with the bundle is said, and it is said where.
pub(super) fn refused(bundle: &Value, at: &str, part: &str) {
    let errors = errors(bundle, None);
    let said = errors.iter().any(|finding| finding.at == at && finding.text.contains(part));
    assert!(said, "{at}: …{part}… is not among {errors:#?}");
}

pub(super) fn accepted(bundle: &Value) {
    let errors = errors(bundle, None);
    assert!(errors.is_empty(), "{errors:#?}");
}
