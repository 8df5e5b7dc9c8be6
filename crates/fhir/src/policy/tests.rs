//! What a site lays down, by example.

mod consents;
mod decided;
mod rules;

use serde_json::{Value, json};

use super::Rules;
use crate::{Access, AccessClaims, Denial, Interaction, Permit, Request, permit};

const BASE: &str = "https://records.example/fhir";
const R: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

/// A clinician's token with patient `a` in context, and whatever else it says.
fn token(scope: &str, more: &Value) -> Access {
    let mut claims = json!({ "scope": scope, "patient": "a", "sub": "x", "exp": 0,
        "fhirUser": "Practitioner/doc", "client_id": "app" });
    for (name, value) in more.as_object().expect("claims") {
        claims[name] = value.clone();
    }
    let claims: AccessClaims = serde_json::from_value(claims).expect("claims");
    Access::of(&claims, BASE)
}

fn interaction(asked: &str) -> Interaction {
    let (method, target) = asked.split_once(' ').expect("a method and a path");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Interaction::parse(&Request { method, path, query, base: BASE, ..Request::default() })
        .expect(asked)
}

fn ask(rules: &Rules, access: &Access, asked: &str) -> Result<Permit, Denial> {
    permit(access, &interaction(asked), rules)
}

#[expect(clippy::needless_pass_by_value, reason = "so the examples read as what they are")]
fn observation(patient: &str, meta: Value) -> Value {
    json!({ "resourceType": "Observation", "id": "o", "meta": meta,
            "subject": { "reference": format!("Patient/{patient}") },
            "code": { "coding": [{ "system": "http://loinc.org", "code": "x" }] } })
}
