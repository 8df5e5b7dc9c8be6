use serde_json::{Value, json};

use super::record;
use crate::{
    people::{Link, Links, Record, Records},
    resource_server::ResourceServer,
    samples,
    vocabulary::Timestamp,
};

/// 2026-11-22, noon in UTC.
const NOON: Timestamp = Timestamp::from_unix(1_795_348_800);

fn related() -> Value {
    json!({
        "resourceType": "RelatedPerson", "id": "r1", "active": true, "patient": {"reference": "Patient/p1"},
        "relationship": [{"coding": [{"system": "http://example.org", "code": "SON"},
            {"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "GRMTH"}]}],
    })
}

fn opened(change: &Value) -> Option<Record> {
    let mut resource = related();
    for (name, value) in change.as_object().unwrap() {
        resource[name] = value.clone();
    }
    record(&resource, ("r1", &samples::server()), NOON)
}

#[test]
fn sc_15_a_related_person_opens_the_one_record_it_names() {
    let own = opened(&json!({})).unwrap();
    assert_eq!((own.patient.as_str(), own.role.as_str()), ("p1", "grandmother"));
    assert_eq!((own.related_person.as_deref(), own.until, own.looked_up), (Some("r1"), None, true));
    let base = samples::server().base_url;
    let absolute = json!({"patient": {"reference": format!("{base}/Patient/p2")}});
    assert_eq!(opened(&absolute).unwrap().patient, "p2");
    for unknown in [json!([]), json!("x"), json!([{"coding": [{"code": "ONESELF"}]}])] {
        assert_eq!(opened(&json!({"relationship": unknown})).unwrap().role, "carer");
    }
}

#[test]
fn sc_15_a_related_person_that_is_ended_or_unclear_opens_nothing() {
    for change in [
        json!({"active": false}),
        json!({"active": "true"}),
        json!({"id": "r2"}),
        json!({"resourceType": "Patient"}),
        json!({"modifierExtension": [{"url": "https://example.org/not"}]}),
        json!({"patient": {"display": "Patient/p1"}}),
        json!({"patient": {"reference": "https://elsewhere.example/Patient/p1"}}),
        json!({"patient": {"reference": "Practitioner/p1"}}),
        json!({"patient": {"reference": "Patient/p1/_history/2"}}),
        json!({"patient": {"reference": "Patient/../p1"}}),
        json!({"period": "always"}),
        json!({"period": {"start": 2020}}),
        json!({"period": {"end": "some day"}}),
    ] {
        assert_eq!(opened(&change), None, "{change}");
    }
}

#[test]
fn sc_15_a_related_person_counts_within_its_period() {
    let within = |period: Value| opened(&json!({"period": period})).map(|record| record.until);
    for bound in ["2026", "2026-11", "2026-11-22", "2026-11-22T13:00:00+01:00"] {
        let until = within(json!({"start": bound, "end": bound})).flatten();
        assert!(until.is_some_and(|until| NOON < until), "{bound}");
    }
    assert_eq!(within(json!({})), Some(None));
    assert_eq!(within(json!({"start": "2020-02-29"})), Some(None));
    for past in ["2025", "2026-10", "2026-11-21", "2026-11-22T11:59:59Z", "2026-02-30"] {
        assert_eq!(within(json!({"end": past})), None, "{past}");
    }
    for future in ["2027", "2026-12", "2026-11-23", "2026-11-22T12:00:01Z", "2026-13"] {
        assert_eq!(within(json!({"start": future})), None, "{future}");
    }
}

fn caregiver(fhir_user: &str, records: Vec<Record>) -> Links {
    let home = Link { fhir_user: Some(fhir_user.to_owned()), records: Records::These(records) };
    Links { home, ..Links::default() }
}

fn kept(patient: &str) -> Record {
    let role = "parent".to_owned();
    Record {
        patient: patient.to_owned(),
        role,
        related_person: None,
        until: None,
        looked_up: false,
    }
}

#[test]
fn sc_15_only_a_server_that_is_trusted_for_it_is_asked() {
    let plain = samples::server();
    let trusted = ResourceServer { related_persons: true, ..samples::server() };
    let links = caregiver("RelatedPerson/r1", vec![]);
    assert_eq!(links.related_person(&trusted), Some("r1"));
    assert_eq!(links.related_person(&plain), None);
    let elsewhere =
        ResourceServer { home: false, patient_namespace: "lab".into(), ..trusted.clone() };
    assert_eq!(
        links.related_person(&elsewhere),
        None,
        "an id of one server is nobody's at another"
    );
    for other in ["Practitioner/r1", "RelatedPerson/", "RelatedPerson/a/b"] {
        assert_eq!(caregiver(other, vec![]).related_person(&trusted), None, "{other}");
    }
    let mut any = links;
    any.home.records = Records::Any;
    assert_eq!(any.related_person(&trusted), None, "who opens all needs nobody's word");
}

#[test]
fn sc_15_what_was_looked_up_stands_beside_what_is_kept_and_goes_as_it_came() {
    let server = ResourceServer { related_persons: true, ..samples::server() };
    let found = opened(&json!({})).unwrap();
    let mut links = caregiver("RelatedPerson/r1", vec![kept("p2")]);
    let before = links.clone();
    links.learn(&server, std::slice::from_ref(&found));
    let admits = |links: &Links, id: &str| links.home.records.admit(id, NOON);
    assert!(admits(&links, "p1") && admits(&links, "p2") && !admits(&links, "p3"));
    let again = links.clone();
    links.learn(&server, std::slice::from_ref(&found));
    assert_eq!(links, again, "nothing new");
    links.learn(&server, &[]);
    assert_eq!(links, before, "what is kept stays");

    let mut lapsed =
        caregiver("RelatedPerson/r1", vec![Record { until: Some(NOON), ..kept("p1") }]);
    lapsed.learn(&server, &[found]);
    assert!(!admits(&lapsed, "p1"), "an end that the administrator set is an end");
}

#[test]
fn sc_15_an_import_keeps_what_was_looked_up_for_the_same_related_person() {
    let found = opened(&json!({})).unwrap();
    let before = caregiver("RelatedPerson/r1", vec![found.clone(), kept("p5")]);
    let mut same = caregiver("RelatedPerson/r1", vec![kept("p2")]);
    same.keep_looked_up(&before);
    assert_eq!(same.home.records, Records::These(vec![kept("p2"), found]));
    let mut another = caregiver("RelatedPerson/r2", vec![]);
    another.keep_looked_up(&before);
    assert_eq!(another.home.records, Records::These(vec![]));
}
