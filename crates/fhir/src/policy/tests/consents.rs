//! What patients have denied (row 73).

use std::sync::Arc;

use serde_json::{Value, json};

use super::{R, ask, observation, token};
use crate::policy::{Consents, Rules};
use crate::{Access, Check, Verdict};

const NOW: i64 = 1_780_000_000_000; // 2026-05-28

fn consent(patient: &str, provision: &Value) -> Value {
    json!({ "resourceType": "Consent", "id": "c", "status": "active",
            "patient": { "reference": format!("Patient/{patient}") }, "provision": provision })
}

fn under(provision: &Value) -> Rules {
    let consents = Consents::read([&consent("a", provision)], NOW);
    Rules { consents: Arc::new(consents), ..Rules::default() }
}

/// Whether the clinician sees an observation and a condition of `a`, and an observation of `b`.
fn sees(rules: &Rules, access: &Access) -> [bool; 3] {
    let condition = json!({ "resourceType": "Condition", "subject": { "reference": "Patient/a" } });
    [
        ("Observation", observation("a", json!({}))),
        ("Condition", condition),
        ("Observation", observation("b", json!({}))),
    ]
    .map(|(kind, resource)| {
        ask(rules, access, &format!("GET /{kind}")).expect("in scope").allows(&resource)
    })
}

fn clinician() -> Access {
    token("user/*.rs", &json!({}))
}

#[test]
fn row_073_what_a_patient_has_denied_is_kept_back() {
    assert_eq!(sees(&under(&json!({ "type": "deny" })), &clinician()), [false, false, true]);
    let by_type = json!({ "type": "permit", "provision": [{ "type": "deny",
        "class": [{ "system": "http://hl7.org/fhir/resource-types", "code": "Observation" }] }] });
    assert_eq!(sees(&under(&by_type), &clinician()), [false, true, true]);
    let permit = ask(&under(&by_type), &clinician(), "GET /Observation").expect("in scope");
    let kept = Verdict::Withheld { check: Check::Consent, rule: "Consent/c".into() };
    assert_eq!(permit.verdict(&observation("a", json!({}))), kept);
    // With the patient in context it is the same.
    assert_eq!(sees(&under(&by_type), &token("patient/*.rs", &json!({}))), [false, true, false]);
    assert_eq!(sees(&Rules::default(), &clinician()), [true, true, true]);
}

#[test]
fn row_073_a_denial_reaches_those_who_may_be_meant() {
    let actor = |reference: &str| json!({ "type": "deny", "actor": [{ "reference": { "reference": reference } }] });
    let denied = |reference: &str| !sees(&under(&actor(reference)), &clinician())[0];
    assert!(denied("Practitioner/doc"));
    assert!(!denied("Practitioner/other") && !denied("RelatedPerson/doc"));
    // Whether the clinician is of that organization or role cannot be told.
    assert!(denied("Organization/clinic") && denied("PractitionerRole/r") && denied("urn:uuid:x"));
    // Nobody's denial is meant against themselves.
    let own = token("user/*.rs", &json!({ "fhirUser": "Patient/a" }));
    assert_eq!(sees(&under(&json!({ "type": "deny" })), &own), [true, true, false]);
    let mother = token("patient/*.rs", &json!({ "fhirUser": "RelatedPerson/m" }));
    assert_eq!(sees(&under(&json!({ "type": "deny" })), &mother), [false, false, false]);
}

#[test]
fn row_073_a_denial_by_label_or_code_and_its_exceptions() {
    let label = json!({ "type": "deny", "securityLabel": [{ "system": R, "code": "R" }] });
    let permit = ask(&under(&label), &clinician(), "GET /Observation").expect("in scope");
    assert!(permit.allows(&observation("a", json!({}))));
    assert!(
        !permit.allows(&observation("a", json!({ "security": [{ "system": R, "code": "R" }] })))
    );
    let code = |code: &str| json!({ "type": "deny", "code": [{ "coding": [{ "system": "http://loinc.org", "code": code }] }] });
    assert!(!sees(&under(&code("x")), &clinician())[0]);
    assert!(sees(&under(&code("y")), &clinician())[0]);
    let but = |inner: Value| json!({ "type": "deny", "provision": [inner] });
    let observations =
        json!([{ "system": "http://hl7.org/fhir/resource-types", "code": "Observation" }]);
    let open = but(json!({ "type": "permit", "class": observations }));
    assert_eq!(sees(&under(&open), &clinician()), [true, false, true]);
    // What an exception says that is not understood makes it none.
    for name in ["purpose", "action", "data"] {
        let mut inner = json!({ "type": "permit", "class": observations });
        inner[name] = json!([{ "code": "x" }]);
        assert!(!sees(&under(&but(inner)), &clinician())[0], "{name}");
    }
    // A denial with such a member only reaches farther.
    let purpose = json!({ "type": "deny", "purpose": [{ "code": "HRESCH" }] });
    assert!(!sees(&under(&purpose), &clinician())[0]);
}

#[test]
fn row_073_a_consent_counts_while_it_is_active_and_in_its_period() {
    let at = |start: &str, end: &str| json!({ "type": "deny", "period": { "start": start, "end": end } });
    let kept = |provision: &Value| !sees(&under(provision), &clinician())[0];
    assert!(kept(&at("2026-01-01", "2026-12-31")) && kept(&at("2026", "never")));
    assert!(!kept(&at("2027-01-01", "2028")) && !kept(&at("2020", "2025-12-31")));
    for (name, value) in [
        ("status", json!("draft")),
        ("status", json!("inactive")),
        ("patient", json!({ "reference": "Group/a" })),
    ] {
        let mut consent = consent("a", &json!({ "type": "deny" }));
        consent[name] = value;
        assert!(Consents::read([&consent], NOW).is_empty(), "{consent}");
    }
    let only_permits = consent("a", &json!({ "type": "permit" }));
    assert!(Consents::read([&only_permits], NOW).is_empty());
}

#[test]
fn row_073_denials_of_many_patients_are_one_condition_and_too_many_allow_nothing() {
    let many = |count: usize| {
        let consents: Vec<_> =
            (0..count).map(|n| consent(&format!("p{n}"), &json!({ "type": "deny" }))).collect();
        Rules { consents: Arc::new(Consents::read(&consents, NOW)), ..Rules::default() }
    };
    let permit = ask(&many(4_000), &clinician(), "GET /Observation").expect("bearable");
    assert_eq!(permit.branches()[0].except.len(), 1);
    assert!(
        !permit.allows(&observation("p7", json!({})))
            && permit.allows(&observation("b", json!({})))
    );
    assert!(ask(&many(6_000), &clinician(), "GET /Observation").is_err());
    assert!(ask(&many(6_000), &token("patient/*.rs", &json!({})), "GET /Observation").is_ok());
}
