//! The `CapabilityStatement` of the base that states are at.

use serde_json::{Value, json};

use crate::capability::{Server, security};

/// The statement.
#[must_use]
pub fn statement(server: &Server<'_>) -> Value {
    let (name, version) = server.software;
    let interactions = ["create", "update", "delete", "search-type"];
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": server.date,
        "kind": "instance",
        "software": { "name": name, "version": version },
        "implementation": { "description": "SMART app state", "url": server.base },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [{
            "mode": "server",
            "security": security(server),
            "resource": [{
                "type": "Basic",
                "supportedProfile": [PROFILE],
                "interaction": interactions.map(|code| json!({ "code": code })),
                "versioning": "versioned-update",
                "readHistory": false,
                "updateCreate": false,
                "conditionalCreate": false,
                "conditionalUpdate": false,
                "conditionalDelete": "not-supported",
                "searchParam": [
                    { "name": "code", "type": "token" },
                    { "name": "subject", "type": "reference" },
                ],
            }],
        }],
    })
}

const PROFILE: &str =
    "http://hl7.org/fhir/smart-app-launch/StructureDefinition/smart-app-state-basic";
