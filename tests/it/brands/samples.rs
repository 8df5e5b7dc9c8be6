//! A bundle of brands that keeps every rule.

use serde_json::{Value, json};

use crate::world::FHIR;

fn organization(id: &str, name: &str) -> Value {
    json!({
        "resourceType": "Organization", "id": id, "name": name,
        "identifier": [
            { "system": "urn:ietf:rfc:3986", "value": format!("https://{id}.example") },
            { "system": "https://customer.example/ids", "value": format!("{id}-7") },
        ],
        "alias": ["Also known so"],
        "type": [{ "coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/organization-type", "code": "prov",
        }] }],
        "telecom": [{ "system": "url", "value": format!("https://{id}.example/") }],
        "address": [{ "city": "Springfield", "country": "US" }],
    })
}

fn primary() -> Value {
    let mut clinic = organization("clinic", "The Clinic");
    clinic["endpoint"] = json!([{ "reference": "Endpoint/r4" }]);
    clinic["extension"] = json!([
        { "url": "http://hl7.org/fhir/StructureDefinition/organization-brand", "extension": [
            { "url": "brandLogo", "valueUrl": "https://clinic.example/logo.svg" },
        ] },
        { "url": "http://hl7.org/fhir/StructureDefinition/organization-portal", "extension": [
            { "url": "portalName", "valueString": "My Clinic" },
            { "url": "portalUrl", "valueUrl": "https://my.clinic.example/" },
            { "url": "portalEndpoint", "valueReference": { "reference": "Endpoint/r4" } },
        ] },
    ]);
    clinic
}

pub(super) fn lab() -> Value {
    let mut lab = organization("lab", "The Laboratory");
    lab["partOf"] = json!({ "reference": "Organization/clinic" });
    lab
}

fn endpoint() -> Value {
    json!({
        "resourceType": "Endpoint", "id": "r4", "status": "active", "name": "Records", "address": FHIR,
        "extension": [{
            "url": "http://hl7.org/fhir/StructureDefinition/endpoint-fhir-version", "valueCode": "4.0.1",
        }],
        "connectionType": {
            "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
            "code": "hl7-fhir-rest",
        },
        "payloadType": [{ "coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/endpoint-payload-type", "code": "none",
        }] }],
        "contact": [{ "system": "url", "value": "https://developers.clinic.example/" }],
    })
}

pub(super) fn bundle() -> Value {
    let entries: Vec<_> =
        [primary(), endpoint()].into_iter().map(|one| json!({ "resource": one })).collect();
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries })
}
