//! Shared types (D-35), and what comes along with a search (D-37).

use serde_json::{Value, json};

use super::{ask, decide, token};
use crate::AccessClaims;

fn encounter(patient: &str) -> Value {
    json!({
        "resourceType": "Encounter", "id": "e",
        "subject": { "reference": format!("Patient/{patient}") },
        "class": { "code": "AMB" },
        "participant": [{ "individual": { "reference": "Practitioner/doc" } }],
    })
}

fn practitioner(id: &str) -> Value {
    json!({ "resourceType": "Practitioner", "id": id })
}

#[test]
fn d_35_a_shared_resource_is_seen_through_the_record_that_refers_to_it() {
    let permit = ask("patient/Practitioner.rs patient/Encounter.rs", "GET /Practitioner/doc");
    let permit = permit.expect("in scope");
    assert!(!permit.allows(&practitioner("doc")), "not by itself");
    assert!(permit.allows_through(&practitioner("doc"), &encounter("a")));
    assert!(!permit.allows_through(&practitioner("doc"), &encounter("b")), "another's record");
    assert!(!permit.allows_through(&practitioner("other"), &encounter("a")), "not referred to");
    let location = json!({"resourceType": "Location", "id": "doc"});
    assert!(!permit.allows_through(&location, &encounter("a")), "another type");
}

#[test]
fn d_35_the_referring_resource_must_be_one_that_the_token_may_read() {
    let seen = |scope: &str| {
        let permit = ask(scope, "GET /Practitioner/doc").expect("in scope");
        permit.allows_through(&practitioner("doc"), &encounter("a"))
    };
    assert!(!seen("patient/Practitioner.rs"));
    assert!(!seen("patient/Practitioner.rs patient/Observation.rs"));
    assert!(!seen("patient/Practitioner.rs patient/Encounter.cud"));
    assert!(!seen("patient/Practitioner.rs patient/Encounter.rs?class=IMP"));
    assert!(seen("patient/Practitioner.rs patient/Encounter.rs?class=AMB"));
    assert!(seen("patient/*.read"));
    assert!(seen("patient/Practitioner.r user/Encounter.r"));
    assert!(!seen("patient/Practitioner.r?name=x patient/Encounter.r"));
}

#[test]
fn d_35_a_users_own_record_does_not_lend_its_reach_to_another() {
    let mut claims = token("patient/Practitioner.r user/Encounter.r");
    let through = |claims: &AccessClaims, whose: &str| {
        let permit = decide(claims, "GET /Practitioner/doc").expect("in scope");
        permit.allows_through(&practitioner("doc"), &encounter(whose))
    };
    // Patient `a` is in context; the user may read encounters of `b`, or of `a`.
    claims.fhir_user = Some("Patient/b".to_owned());
    assert!(!through(&claims, "a") && !through(&claims, "b"));
    claims.fhir_user = Some("Patient/a".to_owned());
    assert!(through(&claims, "a") && !through(&claims, "b"));
}

#[test]
fn d_35_without_a_scope_for_the_type_it_is_denied() {
    let denial = ask("patient/Encounter.rs", "GET /Practitioner/doc").expect_err("denied");
    assert_eq!(denial.scope().as_deref(), Some("patient/Practitioner.r"));
    let permit = ask("user/Practitioner.r", "GET /Practitioner/doc").expect("staff");
    assert!(permit.allows(&practitioner("doc")));
}

#[test]
fn d_37_what_the_token_may_not_read_does_not_come_along() {
    let asked = "GET /Encounter?_include=Encounter:participant&_include=Encounter:subject";
    let came = |scope: &str| {
        let permit = ask(scope, asked).expect("in scope");
        let (encounter, patient) = (encounter("a"), json!({"resourceType": "Patient", "id": "a"}));
        [practitioner("doc"), patient].map(|one| permit.allows_included(&one, &encounter))
    };
    assert_eq!(came("patient/Encounter.rs"), [false, false]);
    assert_eq!(came("patient/Encounter.rs patient/Patient.r"), [false, true]);
    assert_eq!(came("patient/Encounter.rs patient/Patient.s"), [false, false]);
    assert_eq!(came("patient/*.rs"), [true, true]);
    assert_eq!(came("user/*.rs"), [true, true]);
    // Nothing comes along that was not asked for.
    let permit = ask("user/*.rs", "GET /Encounter").expect("in scope");
    assert!(!permit.allows_included(&practitioner("doc"), &encounter("a")));
}

#[test]
fn d_37_another_patients_resource_does_not_come_along() {
    let permit = ask("patient/*.rs", "GET /Patient?_revinclude=Encounter:subject").expect("ok");
    let a = json!({"resourceType": "Patient", "id": "a"});
    assert!(permit.allows_included(&encounter("a"), &a));
    assert!(!permit.allows_included(&encounter("b"), &a));
}

#[test]
fn a_provenance_comes_along_with_what_it_describes() {
    let provenance = json!({"resourceType": "Provenance", "id": "p", "target": [{"reference": "Encounter/e"}],
               "entity": [{"what": {"reference": "Encounter/f"}}]});
    let asked = "GET /Encounter?_revinclude=Provenance:target";
    let permit = ask("patient/*.rs", asked).expect("in scope");
    assert!(permit.allows_included(&provenance, &encounter("a")));
    assert!(!permit.allows_included(&provenance, &encounter("b")));
    let mut other = encounter("a");
    other["id"] = json!("f");
    assert!(!permit.allows_included(&provenance, &other), "only its targets");
    let permit = ask("patient/Encounter.rs", asked).expect("in scope");
    assert!(!permit.allows_included(&provenance, &encounter("a")), "no scope for Provenance");
}

#[test]
fn d_40_a_provenance_of_another_patients_record_is_not_put_into_this_one() {
    let forged = json!({"resourceType": "Provenance", "id": "p", "target":
        [{"reference": "Patient/b"}, {"reference": "Encounter/e"}]});
    let asked = "GET /Encounter?_revinclude=Provenance:target";
    let permit = ask("patient/*.rs", asked).expect("in scope");
    assert!(!permit.allows_included(&forged, &encounter("a")));
}

#[test]
fn sc_10_a_link_between_patients_opens_neither_to_the_other() {
    let linked = |id: &str, other: &str| {
        let other = json!({"reference": format!("Patient/{other}")});
        json!({"resourceType": "Patient", "id": id, "link": [{"other": other, "type": "seealso"}]})
    };
    let (own, other) = (linked("a", "b"), linked("b", "a"));
    let permit = ask("patient/Patient.rs patient/*.rs", "GET /Patient/b").expect("in scope");
    assert!(permit.allows(&own), "the patient in context");
    assert!(!permit.allows(&other) && !permit.allows_through(&other, &own));
    assert!(!permit.allows_included(&other, &own), "nor along with it");
}
