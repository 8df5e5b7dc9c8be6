//! What is decided before anything is looked up, and what may be seen.

use serde_json::{Value, json};

use super::{ask, decide, token};
use crate::{AccessClaims, Denial};

fn observation(patient: &str, category: &str) -> Value {
    json!({
        "resourceType": "Observation", "id": "o",
        "subject": { "reference": format!("Patient/{patient}") },
        "category": [{ "coding": [{ "system": "http://c", "code": category }] }],
    })
}

fn patient(id: &str) -> Value {
    json!({ "resourceType": "Patient", "id": id })
}

#[test]
fn row_60_a_token_without_a_scope_for_records_opens_nothing() {
    for scope in ["openid fhirUser", "", "launch/patient offline_access", "__x https://e.org/y"] {
        let denial = ask(scope, "GET /Practitioner/doc").expect_err(scope);
        assert_eq!(denial, Denial::NoClinicalScope);
        assert_eq!((denial.status(), denial.error()), (403, Some("insufficient_scope")));
    }
}

#[test]
fn sc_2_each_interaction_needs_its_letter() {
    let cases = [
        ("r", "GET /Observation/1"),
        ("r", "GET /Observation/1/_history"),
        ("r", "GET /Observation/1/_history/1"),
        ("s", "GET /Observation"),
        ("s", "GET /Observation/_history"),
        ("c", "POST /Observation"),
        ("u", "PUT /Observation/1"),
        ("d", "DELETE /Observation/1"),
    ];
    for (letter, asked) in cases {
        for granted in ["c", "r", "u", "d", "s"] {
            let decided = ask(&format!("patient/Observation.{granted}"), asked);
            assert_eq!(decided.is_ok(), granted == letter, "{granted} {asked}");
        }
        assert!(ask("patient/Observation.cruds", asked).is_ok());
    }
}

#[test]
fn d_36_a_type_outside_every_scope_is_denied_and_told_what_is_missing() {
    let denial = ask("patient/Observation.rs", "GET /Condition?code=x").expect_err("denied");
    assert_eq!(denial.status(), 403);
    assert_eq!(denial.scope().as_deref(), Some("patient/Condition.s"));
    assert_eq!(
        denial.challenge("Bearer").as_deref(),
        Some(
            "Bearer error=\"insufficient_scope\", \
             error_description=\"no scope of the token allows this; patient/Condition.s would\", \
             scope=\"patient/Condition.s\""
        ),
    );
    assert_eq!(denial.outcome()["issue"][0]["code"], "forbidden");
    assert_eq!(Denial::NoToken.challenge("Bearer").as_deref(), Some("Bearer"));
    assert_eq!(Denial::BadToken("expired").status(), 401);
    assert_eq!((Denial::NotFound.status(), Denial::NotFound.challenge("DPoP")), (404, None));
}

#[test]
fn d_36_another_patients_instance_is_not_to_be_seen() {
    let permit = ask("patient/*.rs", "GET /Observation/o").expect("in scope");
    assert!(permit.allows(&observation("a", "lab")));
    assert!(!permit.allows(&observation("b", "lab")));
    assert!(!permit.allows(&patient("a")), "a permit is for one type");
    let permit = ask("patient/Patient.r", "GET /Patient/b").expect("in scope");
    assert!(!permit.allows(&patient("b")) && permit.allows(&patient("a")));
    assert!(!permit.sees_everything());
}

#[test]
fn d_36_an_instance_outside_the_granular_filter_is_not_to_be_seen() {
    let scope = "patient/Observation.rs?category=http://c|lab";
    let permit = ask(scope, "GET /Observation/o").expect("in scope");
    assert!(permit.allows(&observation("a", "lab")));
    assert!(!permit.allows(&observation("a", "vital")));
    assert!(!permit.allows(&observation("b", "lab")));
    // Scopes unite (row 61).
    let scope = format!("{scope} patient/Observation.rs?category=vital");
    let permit = ask(&scope, "GET /Observation").expect("in scope");
    assert!(permit.allows(&observation("a", "vital")) && permit.allows(&observation("a", "lab")));
    assert!(!permit.allows(&observation("a", "exam")));
    assert_eq!(permit.branches().len(), 2);
}

#[test]
fn a_constraint_that_cannot_be_enforced_opens_nothing() {
    for constraint in ["colour=blue", "code:in=http://v", "subject.name=x", "_filter=x", "_count=1"]
    {
        let scope = format!("patient/Observation.rs?{constraint}");
        let denial = ask(&scope, "GET /Observation").expect_err(constraint);
        assert_eq!(denial, Denial::UnusableConstraint { kind: "Observation" }, "{constraint}");
        assert_eq!(denial.status(), 403);
        // Beside it, a sound scope still counts.
        assert!(ask(&format!("{scope} patient/*.rs"), "GET /Observation").is_ok());
    }
    // Of a wildcard, the types that know the parameter stay open.
    let scope = "patient/*.rs?category=lab";
    assert!(ask(scope, "GET /Observation").is_ok());
    assert!(ask(scope, "GET /Patient").is_err());
}

#[test]
fn row_75_patient_scopes_need_a_patient_in_context() {
    let mut claims = token("patient/*.rs");
    claims.patient = None;
    assert_eq!(decide(&claims, "GET /Observation"), Err(Denial::NoPatient));
    claims.patient = Some("a b".to_owned());
    assert_eq!(decide(&claims, "GET /Observation"), Err(Denial::NoPatient));
    claims.patient = Some("Patient/a".to_owned());
    let permit = decide(&claims, "GET /Observation/o").expect("tolerated");
    assert!(permit.allows(&observation("a", "lab")));
}

#[test]
fn row_73_user_scopes_reach_as_far_as_the_users_rights() {
    let reach = |user: Option<&str>, patient: Option<&str>| {
        let mut claims = token("user/*.rs");
        claims.fhir_user = user.map(str::to_owned);
        claims.patient = patient.map(str::to_owned);
        decide(&claims, "GET /Observation/o")
            .map(|permit| ["a", "b"].map(|whose| permit.allows(&observation(whose, "lab"))))
    };
    assert_eq!(reach(Some("Practitioner/doc"), Some("a")), Ok([true, true]));
    assert_eq!(reach(Some("PractitionerRole/r"), None), Ok([true, true]));
    let absolute = format!("{}/Practitioner/doc", super::BASE);
    assert_eq!(reach(Some(&absolute), None), Ok([true, true]));
    assert_eq!(reach(Some("Patient/b"), Some("a")), Ok([false, true]));
    assert_eq!(reach(Some("RelatedPerson/r"), Some("a")), Ok([true, false]));
    assert_eq!(reach(Some("Person/p"), None), Err(Denial::UnknownUser));
    assert_eq!(reach(None, Some("a")), Err(Denial::UnknownUser));
    let elsewhere = "https://other.example/fhir/Practitioner/doc";
    assert_eq!(reach(Some(elsewhere), Some("a")), Err(Denial::UnknownUser));
}

#[test]
fn mixed_levels_unite_and_do_not_widen_one_another() {
    let scope = "patient/Observation.rs user/Condition.rs";
    assert!(!ask(scope, "GET /Observation").expect("ok").allows(&observation("b", "x")));
    let condition = json!({"resourceType": "Condition", "subject": {"reference": "Patient/b"}});
    assert!(ask(scope, "GET /Condition").expect("ok").allows(&condition));
    let permit = ask("system/Observation.rs", "GET /Observation").expect("ok");
    assert!(permit.allows(&observation("b", "x")) && permit.sees_everything());
    let permit = ask("system/Observation.rs?category=x", "GET /Observation").expect("ok");
    assert!(!permit.sees_everything());
}

#[test]
fn d_37_naming_another_patient_is_denied() {
    for query in [
        "patient=b",
        "patient=Patient/b",
        "subject=Patient/b",
        "subject:Patient=b",
        "subject=b",
        "patient=a,b",
        "performer=Patient/b",
        "patient=https://records.example/fhir/Patient/b",
    ] {
        let asked = format!("GET /Observation?{query}");
        assert_eq!(ask("patient/*.rs", &asked), Err(Denial::OtherPatient), "{query}");
        assert!(ask("patient/*.rs user/Observation.rs", &asked).is_ok(), "{query}");
    }
    for query in ["patient=a", "subject=Patient/a", "encounter=b", "subject=Group/b", "_id=b"] {
        assert!(ask("patient/*.rs", &format!("GET /Observation?{query}")).is_ok(), "{query}");
    }
    assert_eq!(ask("patient/*.rs", "GET /Patient?_id=b"), Err(Denial::OtherPatient));
    assert_eq!(ask("patient/*.rs", "GET /Patient?_id=a,b"), Err(Denial::OtherPatient));
    assert_eq!(ask("patient/*.rs", "GET /Patient?link=Patient/b"), Err(Denial::OtherPatient));
    assert!(ask("patient/*.rs", "GET /Patient?_id=a").is_ok());
}

#[test]
fn sc_20_the_users_own_resource_can_be_read_with_fhir_user() {
    let scope = "openid fhirUser patient/Observation.rs";
    let permit = ask(scope, "GET /Practitioner/doc").expect("own");
    assert!(permit.allows(&json!({"resourceType": "Practitioner", "id": "doc"})));
    assert!(!permit.allows(&json!({"resourceType": "Practitioner", "id": "other"})));
    for asked in ["GET /Practitioner/other", "GET /Practitioner?_id=doc", "PUT /Practitioner/doc"] {
        assert_eq!(ask(scope, asked).map_err(|denial| denial.status()), Err(403), "{asked}");
    }
    assert!(ask("openid patient/Observation.rs", "GET /Practitioner/doc").is_err());
    let mut claims = token(scope);
    claims.fhir_user = Some("Patient/a".to_owned());
    assert!(decide(&claims, "GET /Patient/a").is_err(), "a Patient is a health record");
}

#[test]
fn types_that_are_no_patients_are_closed_to_patient_scopes() {
    for kind in ["Appointment", "Group", "Person", "Questionnaire"] {
        let permit = ask("patient/*.rs", &format!("GET /{kind}")).expect("in scope");
        assert!(permit.branches().is_empty(), "{kind}");
        assert!(!permit.allows(&json!({"resourceType": kind, "id": "x"})), "{kind}");
    }
}

#[test]
fn metadata_is_open_and_permits_nothing_else() {
    let permit = ask("", "GET /metadata").expect("open");
    assert!(permit.branches().is_empty() && !permit.allows(&patient("a")));
}

#[test]
fn the_audit_trail_is_read_by_its_name_alone() {
    for scope in ["system/*.cruds", "patient/*.rs", "user/*.*"] {
        assert!(matches!(ask(scope, "GET /AuditEvent"), Err(Denial::NoScope { .. })), "{scope}");
    }
    for scope in ["system/AuditEvent.rs", "patient/AuditEvent.rs", "user/AuditEvent.read"] {
        assert!(ask(scope, "GET /AuditEvent?patient=a").is_ok(), "{scope}");
    }
    let other = ask("patient/AuditEvent.rs", "GET /AuditEvent?patient=b");
    assert_eq!(other, Err(Denial::OtherPatient));
}

#[test]
fn the_audit_trail_is_written_by_no_app_and_changed_by_nobody() {
    let asked = ["POST /AuditEvent", "PUT /AuditEvent/e", "DELETE /AuditEvent/e"];
    for asked in asked {
        for scope in ["system/AuditEvent.cruds", "user/AuditEvent.*", "patient/AuditEvent.cud"] {
            assert_eq!(ask(scope, asked), Err(Denial::AppendOnly), "{scope} {asked}");
        }
    }
    let issuers = |scope: &str| AccessClaims {
        client_id: crate::audit::ISSUERS_OWN_CLIENT.to_owned(),
        ..token(scope)
    };
    assert!(decide(&issuers("system/AuditEvent.cu"), asked[1]).is_ok());
    assert_eq!(decide(&issuers("system/AuditEvent.cruds"), asked[0]), Err(Denial::AppendOnly));
    assert_eq!(decide(&issuers("system/AuditEvent.cruds"), asked[2]), Err(Denial::AppendOnly));
    assert_eq!(decide(&issuers("user/AuditEvent.cu"), asked[1]), Err(Denial::AppendOnly));
}
