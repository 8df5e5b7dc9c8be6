//! Search rules, bundles, `$everything`, and the derivation of a decision.

use serde_json::{Value, json};

use super::{BASE, ask, interaction, observation, token};
use crate::policy::{Rules, SearchEnforcement};
use crate::{Access, Bundle, Check, Denial, Finding, Refused, Verdict, decide, permit_bundle};

fn patient_app(scope: &str) -> Access {
    token(scope, &json!({ "fhirUser": "Patient/a" }))
}

#[test]
fn row_082_an_included_type_without_a_scope_is_left_out_or_refused() {
    let access = patient_app("patient/Encounter.rs");
    let asked = "GET /Encounter?_include=Encounter:subject";
    let permit = ask(&Rules::default(), &access, asked).expect("filtered");
    assert!(permit.included_branches("Patient").is_empty());
    let reject = Rules { search: SearchEnforcement::Reject, ..Rules::default() };
    let refused = ask(&reject, &access, "GET /Encounter?_revinclude=Observation:encounter");
    assert_eq!(refused.map_err(|denial| denial.status()), Err(403));
    let both = patient_app("patient/Encounter.rs patient/Observation.rs");
    let permit =
        ask(&reject, &both, "GET /Encounter?_revinclude=Observation:encounter").expect("ok");
    assert!(permit.rejects());
}

#[test]
fn row_081_and_083_another_patient_is_refused_in_both_modes() {
    for search in [SearchEnforcement::Filter, SearchEnforcement::Reject] {
        let rules = Rules { search, ..Rules::default() };
        for asked in
            ["GET /Observation?patient=b", "GET /Patient?_id=b", "GET /Condition?subject=Patient/b"]
        {
            assert_eq!(
                ask(&rules, &patient_app("patient/*.rs"), asked),
                Err(Denial::OtherPatient),
                "{asked}"
            );
        }
    }
}

#[test]
fn row_077_shared_resources_are_read_without_a_scope_where_a_site_says_so() {
    let rules = Rules { shared_without_scope: true, ..Rules::default() };
    let access = patient_app("patient/Patient.rs");
    let clinic = json!({ "resourceType": "Organization", "id": "clinic" });
    let patient = json!({ "resourceType": "Patient", "id": "a", "managingOrganization": { "reference": "Organization/clinic" } });
    let permit = ask(&rules, &access, "GET /Organization/clinic").expect("shared");
    assert!(permit.allows_through(&clinic, &patient));
    let mut stranger = patient.clone();
    stranger["id"] = json!("b");
    assert!(!permit.allows_through(&clinic, &stranger) && !permit.allows(&clinic));
    assert!(ask(&Rules::default(), &access, "GET /Organization/clinic").is_err());
    for asked in ["GET /Organization", "PUT /Organization/clinic", "GET /Condition/c"] {
        assert!(ask(&rules, &access, asked).is_err(), "{asked}");
    }
    assert!(
        ask(&rules, &token("user/Patient.rs", &json!({})), "GET /Organization/clinic").is_err()
    );
}

#[test]
fn row_085_and_086_a_patient_is_created_by_a_user_scope_alone() {
    let rules = Rules::default();
    for scope in ["user/Patient.cud", "user/Patient.cruds", "user/Patient.c", "user/*.write"] {
        assert!(ask(&rules, &token(scope, &json!({})), "POST /Patient").is_ok(), "{scope}");
    }
    for scope in ["patient/Patient.cruds", "patient/*.*", "user/Patient.ruds"] {
        assert!(ask(&rules, &token(scope, &json!({})), "POST /Patient").is_err(), "{scope}");
    }
}

#[test]
fn row_087_to_090_everything_needs_a_scope_for_all_that_it_meets() {
    let rules = Rules::default();
    let everything = |access: &Access, query: &str| {
        ask(&rules, access, &format!("GET /Patient/a/$everything{query}"))
    };
    let own = patient_app("patient/Patient.rs patient/Observation.rs?code=x");
    // What is named must be open (88).
    assert!(everything(&own, "?_type=Observation").is_ok());
    let denial = everything(&own, "?_type=Observation,Condition").expect_err("not covered");
    assert_eq!(denial.scope().as_deref(), Some("patient/Condition.rs"));
    // Where nothing is named, what is met decides (87, 89).
    let permit = everything(&own, "").expect("so far");
    assert!(matches!(permit.verdict(&observation("a", json!({}))), Verdict::Allowed { .. }));
    let mut other_code = observation("a", json!({}));
    other_code["code"] = json!({ "coding": [{ "code": "y" }] });
    let condition = json!({ "resourceType": "Condition", "subject": { "reference": "Patient/a" } });
    for met in [&other_code, &condition, &observation("b", json!({}))] {
        assert_eq!(permit.verdict(met), Verdict::Uncovered, "{met}");
    }
    for access in [patient_app("patient/*.rs"), token("user/*.cruds", &json!({}))] {
        let permit = everything(&access, "").expect("all");
        assert!(matches!(permit.verdict(&condition), Verdict::Allowed { .. }));
        assert!(permit.kinds().all(|kind| kind != "AuditEvent"), "who looked is no part of it");
    }
    // To read is not to search, and without the patient there is nothing.
    assert!(everything(&patient_app("patient/*.r"), "").is_err());
    assert!(everything(&patient_app("patient/Observation.rs"), "").is_err());
}

#[test]
fn d_40_a_conditional_write_needs_to_search_as_well() {
    let rules = Rules::default();
    let cases = [
        ("u", "PUT /Observation?code=x"),
        ("u", "PATCH /Observation?code=x"),
        ("d", "DELETE /Observation?code=x"),
    ];
    for (letter, asked) in cases {
        for scope in [format!("patient/Observation.{letter}"), "patient/Observation.s".to_owned()] {
            assert!(ask(&rules, &patient_app(&scope), asked).is_err(), "{scope} {asked}");
        }
        let two = format!("patient/Observation.{letter} patient/Observation.s?code=x");
        let permit = ask(&rules, &patient_app(&two), asked).expect("both");
        let mut hidden = observation("a", json!({}));
        assert!(permit.finding().allows(&hidden));
        hidden["code"] = json!({});
        assert!(
            !permit.finding().allows(&hidden) && permit.allows(&hidden),
            "each by its own scope"
        );
        let foreign = asked.replace("code=x", "patient=b");
        assert_eq!(
            ask(&rules, &patient_app(&two), &foreign),
            Err(Denial::OtherPatient),
            "{foreign}"
        );
    }
    // Who writes but may not read is not shown what a patch found.
    let permit =
        ask(&rules, &patient_app("patient/Observation.u"), "PATCH /Observation/o").expect("u");
    assert!(
        permit.allows_written(&observation("a", json!({})))
            && !permit.allows_returned(&observation("a", json!({})))
    );
    let permit =
        ask(&rules, &patient_app("patient/Observation.u"), "PUT /Observation/o").expect("u");
    assert!(permit.allows_returned(&observation("a", json!({}))));
}

fn bundle(kind: &str, requests: &[(&str, &str)]) -> Bundle {
    let entry =
        |(method, url): &(&str, &str)| json!({ "request": { "method": method, "url": url } });
    let entries: Vec<Value> = requests.iter().map(entry).collect();
    Bundle::read(&json!({ "resourceType": "Bundle", "type": kind, "entry": entries }), BASE)
        .expect("a bundle")
}

#[test]
fn row_064_a_transaction_is_refused_whole_and_a_batch_entry_by_entry() {
    let requests =
        [("GET", "Observation/o"), ("POST", "Observation"), ("GET", "Observation?date=never")];
    let reader = patient_app("patient/Observation.rs");
    let decided =
        permit_bundle(&reader, &bundle("batch", &requests), &Rules::default()).expect("a batch");
    assert!(decided[0].is_ok());
    assert!(matches!(&decided[1], Err(Refused::Denied(Denial::NoScope { .. }))));
    assert!(matches!(&decided[2], Err(Refused::NotUnderstood(_))));
    let (at, refused) =
        permit_bundle(&reader, &bundle("transaction", &requests), &Rules::default())
            .expect_err("whole");
    assert_eq!(at, 1, "what is denied is told first");
    let Refused::Denied(denial) = refused else { panic!("denied") };
    assert_eq!((denial.status(), denial.about().as_deref()), (403, Some("entry[1]")));
    assert_eq!(denial.scope().as_deref(), Some("patient/Observation.c"));
    let writer = patient_app("patient/Observation.cruds");
    assert_eq!(
        permit_bundle(&writer, &bundle("transaction", &requests[..2]), &Rules::default())
            .expect("all")
            .len(),
        2
    );
    let (at, _) = permit_bundle(&writer, &bundle("transaction", &requests), &Rules::default())
        .expect_err("not understood");
    assert_eq!(at, 2);
    let nobody = patient_app("openid");
    assert!(crate::permit(&nobody, &crate::Interaction::Bundle, &Rules::default()).is_err());
}

#[test]
fn a_decision_names_the_scope_or_the_check_that_decided() {
    let access =
        patient_app("patient/Condition.rs patient/Observation.r patient/Observation.rs?code=x");
    let decision = decide(&access, &interaction("GET /Observation?code=x"), &Rules::default());
    let deciding = decision.deciding().expect("a step");
    assert_eq!(deciding.about.as_deref(), Some("patient/Observation.rs?code=x"));
    assert_eq!(deciding.finding, Finding::Narrowed);
    let found: Vec<_> = decision.steps.iter().map(|step| step.finding).collect();
    assert_eq!(found, [Finding::Skipped, Finding::Failed, Finding::Narrowed]);
    let json = decision.to_json();
    assert_eq!(
        (&json["decision"], &json["deciding"]["check"]),
        (&json!("permit"), &json!("scope"))
    );
    let denied = decide(&access, &interaction("DELETE /Observation/o"), &Rules::default());
    assert_eq!(denied.deciding().map(|step| step.check), Some(Check::Scope));
    let json = denied.to_json();
    assert_eq!((&json["status"], &json["scope"]), (&json!(403), &json!("patient/Observation.d")));
    assert!(denied.to_string().ends_with("patient/Observation.d would"), "{denied}");
    for asked in
        ["GET /Patient?_id=b", "GET /Observation?patient=b", "GET /metadata", "GET /_history"]
    {
        let decision = decide(&access, &interaction(asked), &Rules::default());
        assert_eq!(decision.deciding().is_some(), decision.outcome.is_err(), "{asked}: {decision}");
    }
}

#[test]
fn a_permit_says_of_a_resource_why() {
    let access = patient_app("patient/Observation.rs?code=x patient/Observation.rs?code=z");
    let permit = ask(&Rules::default(), &access, "GET /Observation/o").expect("in scope");
    let checks = |resource: &Value| {
        permit.derivation(resource).iter().map(|step| step.check).collect::<Vec<_>>()
    };
    assert_eq!(checks(&observation("a", json!({}))), [Check::Resource, Check::Constraint]);
    assert_eq!(checks(&observation("b", json!({}))), [Check::Context, Check::Context]);
}
