//! What a state is, who may have it, and how it is asked for.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Action, BadQuery, Key, State, StateDenial, asked, permit};
use crate::{Access, AccessClaims, Reference};

const BASE: &str = "https://ehr.example/fhir";
const OURS: &str = "https://app.example";

fn state() -> Value {
    json!({
        "resourceType": "Basic",
        "code": { "coding": [{ "system": OURS, "code": "display-preferences" }] },
        "subject": { "reference": format!("{BASE}/Practitioner/123") },
        "extension": [
            { "url": "https://app.example/b", "valueString": "{\"view\":\"list\"}" },
            { "url": "https://app.example/a", "valueString": "" },
            { "url": "https://app.example/b", "valueString": "again\u{1f600}\n" },
        ],
    })
}

fn key(system: &str, code: &str, subject: Option<&str>) -> Key {
    let subject = subject.map(|text| Reference::parse(text).unwrap());
    Key { system: system.to_owned(), code: code.to_owned(), subject }
}

fn access(scope: &str, patient: Option<&str>, user: Option<&str>) -> Access {
    let claims = serde_json::from_value::<AccessClaims>(json!({
        "scope": scope, "patient": patient, "fhirUser": user.map(|user| format!("{BASE}/{user}")),
        "client_id": "app", "exp": 9, "fireward_state_systems": [OURS],
    }));
    Access::of(&claims.unwrap(), BASE)
}

#[test]
fn as_3_as_4_a_state_is_kept_as_it_was_sent_with_id_version_and_time() {
    let read = State::new(state(), BASE).unwrap();
    assert_eq!(read.key, key(OURS, "display-preferences", Some("Practitioner/123")));
    let kept = read.persisted("s1", 3, "2026-11-22T06:00:00Z");
    assert_eq!(kept["extension"], state()["extension"], "in the order of the app");
    assert_eq!((&kept["subject"], &kept["code"]), (&state()["subject"], &state()["code"]));
    let meta = json!({ "versionId": "3", "lastUpdated": "2026-11-22T06:00:00Z" });
    assert_eq!((&kept["id"], &kept["meta"]), (&json!("s1"), &meta));
    let again = State::update(kept, "s1", BASE).unwrap();
    assert_eq!(again.key, read.key);
}

/// The good state with a value replaced, added or removed.
fn with(pointer: &str, value: Value) -> Value {
    let mut state = state();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match state.pointer_mut(parent).unwrap() {
        Value::Object(members) if value.is_null() => drop(members.remove(name)),
        Value::Object(members) => drop(members.insert(name.to_owned(), value)),
        Value::Array(items) => items.push(value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            unreachable!("{pointer}")
        }
    }
    state
}

#[test]
fn as_3_what_breaks_a_rule_is_refused_where_it_stands() {
    let coding = || json!({ "system": OURS, "code": "more" });
    for (state, at) in [
        (with("/id", json!("mine")), "Basic.id"),
        (with("/meta", json!({ "versionId": "1" })), "Basic.meta.versionId"),
        (with("/meta", json!("x")), "Basic.meta"),
        (with("/resourceType", json!("Patient")), "Basic.resourceType"),
        (with("/contained", json!([])), "Basic.contained"),
        (with("/modifierExtension", json!([])), "Basic.modifierExtension"),
        (with("/code", Value::Null), "Basic.code.coding"),
        (with("/code/coding/-", coding()), "Basic.code.coding"),
        (with("/code/coding", json!([])), "Basic.code.coding"),
        (with("/code/coding/0/system", Value::Null), "Basic.code.coding[0].system"),
        (with("/code/coding/0/system", json!("a|b")), "Basic.code.coding[0].system"),
        (with("/code/coding/0/code", json!("")), "Basic.code.coding[0].code"),
        (with("/extension", json!([])), "Basic.extension"),
        (with("/extension/0/valueString", json!(5)), "Basic.extension[0]"),
        (with("/extension/0/valueUrl", json!("x")), "Basic.extension[0]"),
        (with("/extension/0/url", Value::Null), "Basic.extension[0]"),
        (with("/extension/1/extension", json!([])), "Basic.extension[1]"),
        (with("/subject", json!({})), "Basic.subject.reference"),
        (with("/subject", json!({ "identifier": { "value": "x" } })), "Basic.subject.reference"),
        (json!([]), "Basic"),
    ] {
        assert_eq!(State::new(state.clone(), BASE).unwrap_err().at, at, "{state}");
    }
}

#[test]
fn as_3_a_subject_is_somebody_of_the_primary_server_by_absolute_reference() {
    for reference in [
        "Practitioner/123",
        "https://other.example/fhir/Practitioner/123",
        "https://ehr.example/fhir/Organization/1",
        "https://ehr.example/fhir/Practitioner/123/_history/1",
        "https://ehr.example/fhir/Practitioner/1?x=y",
        "https://ehr.example/fhirPractitioner/1",
        "#p",
        "",
    ] {
        let wrong = State::new(with("/subject/reference", json!(reference)), BASE).unwrap_err();
        assert_eq!(wrong.at, "Basic.subject.reference", "{reference}");
    }
    for kind in super::SUBJECTS {
        let reference = json!(format!("{BASE}/{kind}/1"));
        assert!(State::new(with("/subject/reference", reference), BASE).is_ok(), "{kind}");
    }
    assert!(State::new(with("/subject", Value::Null), BASE).unwrap().key.subject.is_none());
    assert_eq!(State::update(state(), "s1", BASE).unwrap_err().at, "Basic.id", "none");
    assert_eq!(State::update(with("/id", json!("s2")), "s1", BASE).unwrap_err().at, "Basic.id");
}

#[test]
fn as_2_a_search_is_by_code_and_by_subject_or_its_absence() {
    let code = "code=https://app.example|keys";
    let patient = format!("subject={BASE}/Patient/p1");
    let found = asked(&format!("{code}&{patient}&_format=json"), BASE);
    assert_eq!(found, Ok(key(OURS, "keys", Some("Patient/p1"))));
    let encoded = "code=https%3A%2F%2Fapp.example%7Ckeys&subject%3Amissing=true";
    assert_eq!(asked(encoded, BASE), Ok(key(OURS, "keys", None)));
    for (query, why) in [
        (patient.clone(), BadQuery::Code),
        (format!("code=keys&{patient}"), BadQuery::Code),
        (format!("code=|keys&{patient}"), BadQuery::Code),
        (format!("code=https://app.example|a,https://other.example|b&{patient}"), BadQuery::Code),
        (code.to_owned(), BadQuery::Subject),
        (format!("{code}&subject=Patient/p1"), BadQuery::Subject),
        (format!("{code}&subject:missing=false"), BadQuery::Subject),
        (format!("{code}&{patient}&subject:missing=true"), BadQuery::Subject),
        (format!("{code}&{code}&{patient}"), BadQuery::Twice),
        (format!("{code}&{patient}&{patient}"), BadQuery::Twice),
        (format!("{code}&{patient}&author=x"), BadQuery::Unknown),
        (format!("{code}&{patient}&_include=Basic:subject"), BadQuery::Unknown),
    ] {
        assert_eq!(asked(&query, BASE), Err(why), "{query}");
    }
}

#[test]
fn as_8_patient_scopes_are_for_the_patient_in_context_and_user_scopes_for_the_user() {
    let person = access("user/Basic.cuds patient/Basic.cs", Some("p1"), Some("Practitioner/123"));
    let may = |action, subject| permit(&person, action, &key(OURS, "keys", Some(subject)));
    for action in [Action::Create, Action::Update, Action::Delete, Action::Search] {
        assert!(may(action, "Practitioner/123").is_ok(), "{action:?}");
        for other in ["Practitioner/124", "Patient/p2", "Person/123", "RelatedPerson/p1"] {
            assert_eq!(may(action, other), Err(StateDenial::OtherSubject), "{action:?} {other}");
        }
    }
    assert!(may(Action::Create, "Patient/p1").is_ok());
    assert_eq!(
        may(Action::Update, "Patient/p1"),
        Err(StateDenial::OtherSubject),
        "only user/ has u"
    );
    let nobody = access("patient/Basic.cuds user/Basic.cuds", None, None);
    let subject = Some("Patient/p1");
    assert!(permit(&nobody, Action::Search, &key(OURS, "keys", subject)).is_err());
    let backend = access("system/Basic.cuds", None, None);
    let theirs = permit(&backend, Action::Search, &key(OURS, "keys", subject));
    assert_eq!(theirs, Err(StateDenial::OtherSubject));
}

#[test]
fn as_8_a_scope_for_one_code_is_for_that_code() {
    let narrow = access("patient/Basic.cuds?code=https://app.example|keys", Some("p1"), None);
    let may = |code| permit(&narrow, Action::Create, &key(OURS, code, Some("Patient/p1")));
    assert!(may("keys").is_ok());
    assert!(matches!(may("preferences"), Err(StateDenial::NoScope(_))));
    let unusable = access("patient/Basic.cuds?colour=red", Some("p1"), None);
    assert!(permit(&unusable, Action::Create, &key(OURS, "keys", Some("Patient/p1"))).is_err());
    for scope in ["patient/Observation.cruds", "patient/Basic.r", "openid", "launch/patient"] {
        let other = access(scope, Some("p1"), None);
        let found = permit(&other, Action::Search, &key(OURS, "keys", Some("Patient/p1")));
        assert!(matches!(found, Err(StateDenial::NoScope(_))), "{scope}");
    }
}

#[test]
fn as_7_codes_are_of_the_app_whose_origin_their_system_is() {
    let app = access("user/Basic.cuds", None, Some("Patient/p1"));
    for system in ["https://other.example", "https://app.example/", "https://app.example.evil", ""]
    {
        let found = permit(&app, Action::Search, &key(system, "keys", Some("Patient/p1")));
        assert!(matches!(found, Err(StateDenial::NotYours(_))), "{system}");
    }
}

#[test]
fn as_7_global_state_is_read_with_any_scope_and_changed_by_admin_apps() {
    let admin = format!("user/Basic.cuds {}", super::GLOBAL_STATE_SCOPE);
    let admin = access(&admin, Some("p1"), Some("Practitioner/123"));
    let plain = access("user/Basic.cuds patient/Basic.cuds", Some("p1"), Some("Practitioner/123"));
    let reader = access("patient/Basic.s", Some("p1"), None);
    let patient = format!("patient/Basic.cuds {}", super::GLOBAL_STATE_SCOPE);
    let patient = access(&patient, Some("p1"), None);
    let global = key(OURS, "keys", None);
    for access in [&admin, &plain, &reader, &patient] {
        assert!(permit(access, Action::Search, &global).is_ok());
    }
    for action in [Action::Create, Action::Update, Action::Delete] {
        assert!(permit(&admin, action, &global).is_ok());
        assert_eq!(permit(&plain, action, &global), Err(StateDenial::Global));
        assert_eq!(permit(&patient, action, &global), Err(StateDenial::Global));
    }
}

fn levels() -> impl Strategy<Value = String> {
    let level = prop_oneof![Just("patient"), Just("user"), Just("system")];
    let scope =
        (level, "[c]?[u]?[d]?[s]?").prop_filter("some letter", |(_, letters)| !letters.is_empty());
    let scopes = prop::collection::vec(scope, 0..3);
    (scopes, any::<bool>()).prop_map(|(scopes, admin)| {
        let mut all: Vec<_> =
            scopes.iter().map(|(level, letters)| format!("{level}/Basic.{letters}")).collect();
        all.extend(admin.then(|| super::GLOBAL_STATE_SCOPE.to_owned()));
        all.join(" ")
    })
}

proptest! {
    #[test]
    fn as_7_as_9_whatever_the_scopes_nobody_reaches_anothers_state(
        scope in levels(),
        patient in prop::option::of("[ab]"),
        user in prop::option::of(prop_oneof![Just("Patient/a"), Just("Practitioner/a"), Just("Person/b")]),
        subject in prop::option::of(prop_oneof![
            Just("Patient/a"), Just("Patient/b"), Just("Practitioner/a"), Just("Person/b"),
        ]),
        action in prop_oneof![
            Just(Action::Create), Just(Action::Update), Just(Action::Delete), Just(Action::Search),
        ],
        ours in any::<bool>(),
    ) {
        let access = access(&scope, patient.as_deref(), user);
        let system = if ours { OURS } else { "https://other.example" };
        if permit(&access, action, &key(system, "keys", subject)).is_ok() {
            prop_assert!(ours);
            let in_context = patient.map(|id| format!("Patient/{id}"));
            let reached = match subject {
                None => action == Action::Search || scope.contains(super::GLOBAL_STATE_SCOPE),
                Some(subject) => user == Some(subject) || in_context.as_deref() == Some(subject),
            };
            prop_assert!(reached, "{scope} {subject:?}");
        }
    }

    #[test]
    fn whatever_is_sent_or_asked_is_answered(text in "\\PC{0,80}", query in "[ -~]{0,60}") {
        let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        let _ = State::new(value, BASE);
        let _ = asked(&query, BASE);
    }
}
