//! Where a version of a resource comes from: which app wrote it, for whom.

use serde_json::{Value, json};

use super::balp::{coding, who};
use super::{PROVENANCE, Scene, instant};

/// Which app made a version of a resource, and for whom. `before` is the version that it revises; the patients are
/// those whose record it is in, and so they may read where it comes from.
#[must_use]
pub fn provenance(
    id: &str,
    scene: &Scene,
    (code, what, before): (&str, &str, Option<&str>),
    patients: impl IntoIterator<Item = String>,
) -> Option<Value> {
    let access = scene.access.as_ref()?;
    let app = json!({
        "type": { "coding": [coding(AGENT, "assembler", Some("Assembler"))] },
        "who": { "identifier": { "value": access.client() }, "display": access.client() },
    });
    let subject = access.subject().filter(|subject| *subject != access.client());
    let user = subject.map(|subject| {
        json!({
            "type": { "coding": [coding(AGENT, "author", Some("Author"))] },
            "who": who(access, subject),
        })
    });
    let patients = patients.into_iter().map(|patient| {
        json!({ "url": PATIENT, "valueReference": { "reference": format!("Patient/{patient}") } })
    });
    let patients: Vec<_> = patients.collect();
    let mut provenance = json!({
        "resourceType": PROVENANCE,
        "id": id,
        "target": [{ "reference": what }],
        "recorded": instant(scene.at),
        "activity": { "coding": [coding(OPERATION, operation(code), Some(code))] },
        "agent": user.into_iter().chain([app]).collect::<Vec<_>>(),
    });
    if let Some(members) = provenance.as_object_mut() {
        if !patients.is_empty() {
            members.insert("extension".to_owned(), patients.into());
        }
        if let Some(jti) = &access.facts().jti {
            members.insert("policy".to_owned(), json!([jti]));
        }
        if let Some(before) = before {
            let entity = json!({ "role": "revision", "what": { "reference": before } });
            members.insert("entity".to_owned(), json!([entity]));
        }
    }
    Some(provenance)
}

/// The code of an interaction in `v3-DataOperation`.
fn operation(code: &str) -> &'static str {
    match code {
        "create" => "CREATE",
        "delete" => "DELETE",
        _ => "UPDATE",
    }
}

const AGENT: &str = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
const OPERATION: &str = "http://terminology.hl7.org/CodeSystem/v3-DataOperation";

/// `Provenance.patient` of R5, as R4 writes it: by it the provenance is in the record that its target is in.
const PATIENT: &str = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Provenance.patient";
