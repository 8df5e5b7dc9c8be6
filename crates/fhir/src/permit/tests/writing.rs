//! What may be written (D-40).

use serde_json::{Value, json};

use super::{ask, decide, token};
use crate::Denial;

fn observation(patient: &str, code: &str) -> Value {
    json!({
        "resourceType": "Observation", "id": "o",
        "subject": { "reference": format!("Patient/{patient}") },
        "code": { "coding": [{ "code": code }] },
    })
}

#[test]
fn d_40_what_is_created_is_in_context_and_meets_the_constraint() {
    let permit = ask("patient/Observation.c?code=x", "POST /Observation").expect("in scope");
    assert!(permit.allows_written(&observation("a", "x")));
    assert!(!permit.allows_written(&observation("a", "y")));
    assert!(!permit.allows_written(&observation("b", "x")));
    let nobodys = json!({"resourceType": "Observation", "code": {"coding": [{"code": "x"}]}});
    assert!(!permit.allows_written(&nobodys));
    let elsewhere = json!({"resourceType": "Observation", "code": {"coding": [{"code": "x"}]},
        "subject": {"reference": "https://records.example/fhir/Patient/a"}});
    assert!(!permit.allows_written(&elsewhere), "references must have been made relative");
}

#[test]
fn d_40_an_update_is_judged_before_and_after() {
    let permit = ask("patient/Observation.u", "PUT /Observation/o").expect("in scope");
    let (own, other) = (observation("a", "x"), observation("b", "x"));
    assert!(permit.allows(&own) && permit.allows_written(&own));
    assert!(!permit.allows(&other), "another's cannot be taken");
    assert!(!permit.allows_written(&other), "nor one's own given away");
    let permit = ask("patient/Observation.d", "DELETE /Observation/o").expect("in scope");
    assert!(permit.allows(&own) && !permit.allows(&other));
}

#[test]
fn what_is_written_is_in_one_record_only() {
    let both = json!({"resourceType": "Provenance", "target":
        [{"reference": "Patient/a"}, {"reference": "Patient/b"}]});
    let permit = ask("patient/Provenance.c", "POST /Provenance").expect("in scope");
    assert!(!permit.allows_written(&both));
    let permit = ask("user/Provenance.c", "POST /Provenance").expect("in scope");
    assert!(permit.allows_written(&both));
}

#[test]
fn row_86_a_patient_cannot_be_created_in_patient_context() {
    let denied = Err(Denial::NotInContext { kind: "Patient" });
    assert_eq!(ask("patient/Patient.cruds", "POST /Patient"), denied);
    assert!(ask("patient/Patient.c user/Patient.c", "POST /Patient").is_ok());
    let mut own = token("user/Patient.c");
    own.fhir_user = Some("Patient/a".to_owned());
    assert_eq!(decide(&own, "POST /Patient"), denied);
    let permit = ask("patient/Patient.u", "PUT /Patient/a").expect("in scope");
    assert!(permit.allows_written(&json!({"resourceType": "Patient", "id": "a"})));
    assert!(!permit.allows_written(&json!({"resourceType": "Patient", "id": "b"})));
}

#[test]
fn shared_types_cannot_be_written_in_patient_context() {
    let doc = json!({"resourceType": "Practitioner", "id": "doc"});
    let encounter = json!({"resourceType": "Encounter", "subject": {"reference": "Patient/a"},
        "participant": [{"individual": {"reference": "Practitioner/doc"}}]});
    let scope = "patient/*.cruds openid fhirUser";
    assert!(ask(scope, "POST /Practitioner").is_err());
    for asked in ["PUT /Practitioner/doc", "DELETE /Practitioner/doc"] {
        let permit = ask(scope, asked).expect("in scope");
        assert!(!permit.allows(&doc) && !permit.allows_written(&doc), "{asked}");
        assert!(!permit.allows_through(&doc, &encounter), "{asked}");
    }
}
