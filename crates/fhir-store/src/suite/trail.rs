//! The audit trail: what is told is told with what it is about, or not at all; and it arrives once.

use std::sync::Arc;

use fireward_fhir::Access;
use fireward_fhir::audit::{Deed, Scene, event};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::asking::{anyone, ids, now, observation, patient, permitted, put, token};
use super::databases::on_each_database;
use crate::{Author, Change, Precondition, Records, RecordsError};

on_each_database![
    row_053_a_write_is_told_in_its_own_transaction,
    row_053_a_provenance_is_read_in_the_record_of_the_patient,
    a_write_that_fails_is_not_told_as_done,
    a_deletion_is_told_of_whose_record_it_was,
    row_052_events_are_searched_once_they_are_delivered,
    an_event_that_is_delivered_twice_is_one,
    requests_that_wait_together_are_all_written,
    whoever_goes_away_takes_nobody_elses_events_along,
    what_was_delivered_elsewhere_is_forgotten_here,
    an_event_is_stored_as_the_first_and_only_version,
];

fn author(request: &str) -> Arc<Author> {
    let claims = json!({ "scope": "user/*.cruds", "client_id": "growth-chart", "sub": "alice", "exp": 0,
        "fhirUser": "Practitioner/doc", "jti": "t1", "grant_id": "g1" });
    let access = Access::of(&serde_json::from_value(claims).expect("claims"), "http://h/fhir");
    Arc::new(Author::new(Scene {
        base: "http://h/fhir".to_owned(),
        request: request.to_owned(),
        at: now(),
        access: Some(Arc::new(access)),
        address: Some("192.0.2.7".to_owned()),
    }))
}

fn read_of(author: &Author, patient: &str) -> Value {
    let deed = Deed { code: "read", what: Some("Observation/o"), query: None, failure: None };
    event(&author.next_id(), author.scene(), &deed, Some(patient))
}

fn change(kind: &'static str, id: &'static str) -> Change<'static> {
    Change { kind, id, only_if: Precondition::None, now: now() }
}

async fn waiting(records: &Records) -> Vec<Value> {
    let events = records.undelivered(1_000).await.expect("the database answers");
    events.iter().map(|one| serde_json::from_str(&one.body).expect("JSON")).collect()
}

async fn write(records: &Records, resource: &Value) {
    let permit = permitted(&anyone(), "PUT", "Observation/o");
    let written = records.update(&permit, &change("Observation", "o"), resource).await;
    written.expect("anyone may");
}

async fn row_053_a_write_is_told_in_its_own_transaction(records: Records) {
    put(&records, &patient("a", "One")).await;
    assert!(waiting(&records).await.is_empty(), "nobody's writes are nobody's");
    let theirs = records.on_behalf_of(author("r1"));
    write(&theirs, &observation("o", "a", "vital-signs")).await;
    write(&theirs, &observation("o", "a", "vital-signs")).await;
    let events = waiting(&records).await;
    let told = |n: usize, pointer: &str| events[n].pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(events.len(), 2);
    assert_eq!((told(0, "/action"), told(1, "/action")), (json!("C"), json!("U")));
    assert_eq!(told(1, "/entity/1/what/reference"), "Observation/o/_history/2");
    assert_eq!(told(1, "/entity/2/what/reference"), "Patient/a");
    let targets = ids(&records, &anyone(), "Provenance?target=Observation/o").await;
    assert_eq!(targets.len(), 2);
}

async fn row_053_a_provenance_is_read_in_the_record_of_the_patient(records: Records) {
    put(&records, &patient("a", "One")).await;
    put(&records, &patient("b", "Two")).await;
    write(&records.on_behalf_of(author("r1")), &observation("o", "a", "vital-signs")).await;
    let of = |patient| token("patient/Provenance.rs", Some(patient));
    assert_eq!(ids(&records, &of("a"), "Provenance").await.len(), 1);
    assert_eq!(ids(&records, &of("a"), "Provenance?patient=a").await.len(), 1);
    assert!(ids(&records, &of("b"), "Provenance").await.is_empty());
}

async fn a_write_that_fails_is_not_told_as_done(records: Records) {
    put(&records, &observation("o", "a", "vital-signs")).await;
    let theirs = records.on_behalf_of(author("r1"));
    let permit = permitted(&anyone(), "PUT", "Observation/o");
    let late = Change { only_if: Precondition::OneOf(vec![7]), ..change("Observation", "o") };
    let refused = theirs.update(&permit, &late, &observation("o", "a", "vital-signs")).await;
    assert!(matches!(refused, Err(RecordsError::Stale { current: 1 })));
    assert!(waiting(&records).await.is_empty());
    assert!(ids(&records, &anyone(), "Provenance").await.is_empty());
}

async fn a_deletion_is_told_of_whose_record_it_was(records: Records) {
    put(&records, &observation("o", "a", "vital-signs")).await;
    let theirs = records.on_behalf_of(author("r1"));
    let permit = permitted(&anyone(), "DELETE", "Observation/o");
    theirs.delete(&permit, &change("Observation", "o")).await.expect("anyone may");
    let events = waiting(&records).await;
    assert_eq!((&events[0]["action"], events.len()), (&json!("D"), 1));
    assert_eq!(events[0]["entity"][2]["what"]["reference"], "Patient/a");
}

async fn row_052_events_are_searched_once_they_are_delivered(records: Records) {
    let author = author("r1");
    let events = [read_of(&author, "a"), read_of(&author, "b")];
    records.note(now(), &events).await.expect("written");
    let all = token("system/AuditEvent.rs", None);
    assert!(ids(&records, &all, "AuditEvent").await.is_empty(), "not yet");
    assert_eq!(records.deliver_here(now()).await.expect("delivered"), 2);
    for query in [
        "AuditEvent?patient=a",
        "AuditEvent?patient=Patient/a&date=ge2000-01-01",
        "AuditEvent?patient=a&agent=Practitioner/doc",
        "AuditEvent?patient=a&entity=Observation/o",
        "AuditEvent?patient=a&outcome=0&action=R",
        "AuditEvent?patient=a&agent-name=growth-chart",
        "AuditEvent?patient=a&policy=t1&subtype=read",
    ] {
        assert_eq!(ids(&records, &all, query).await, ["r1-0"], "{query}");
    }
    let own = token("patient/AuditEvent.rs", Some("b"));
    assert_eq!(ids(&records, &own, "AuditEvent").await, ["r1-1"]);
    let backlog = records.backlog().await.expect("the database answers");
    assert_eq!((backlog.waiting, backlog.delivered, backlog.last), (0, 2, Some("r1-1".into())));
}

async fn an_event_that_is_delivered_twice_is_one(records: Records) {
    let event = read_of(&author("r1"), "a");
    for _ in 0..2 {
        records.note(now(), &[event.clone(), event.clone()]).await.expect("written");
        records.deliver_here(now()).await.expect("delivered");
    }
    let all = token("system/AuditEvent.rs", None);
    assert_eq!(ids(&records, &all, "AuditEvent").await, ["r1-0"]);
}

async fn requests_that_wait_together_are_all_written(records: Records) {
    let author = author("r1");
    let events: Vec<_> = (0..100).map(|_| [read_of(&author, "a")]).collect();
    let noted = join_all(events.iter().map(|event| records.note(now(), event))).await;
    assert!(noted.iter().all(Result::is_ok));
    assert_eq!(waiting(&records).await.len(), 100);
    assert_eq!(records.deliver_here(now()).await.expect("delivered"), 100);
}

async fn whoever_goes_away_takes_nobody_elses_events_along(records: Records) {
    let author = author("r1");
    let events: Vec<_> = (0..20).map(|_| [read_of(&author, "a")]).collect();
    let (gone, stay) = events.split_at(10);
    let stays = join_all(stay.iter().map(|event| records.note(now(), event)));
    let goes = gone.iter().map(|event| {
        let noting = records.note(now(), event);
        // Polled a few times, then dropped in the middle of whatever it was doing.
        async move { tokio::time::timeout(std::time::Duration::from_micros(200), noting).await }
    });
    let (stayed, _) = futures_util::future::join(stays, join_all(goes)).await;
    assert!(stayed.iter().all(Result::is_ok));
    let told = waiting(&records).await;
    for event in stay {
        assert!(told.iter().any(|one| one["id"] == event[0]["id"]));
    }
}

async fn what_was_delivered_elsewhere_is_forgotten_here(records: Records) {
    let author = author("r1");
    let events = [read_of(&author, "a"), read_of(&author, "b")];
    records.note(now(), &events).await.expect("written");
    records.were_not_delivered("no answer").await.expect("written down");
    let backlog = records.backlog().await.expect("the database answers");
    assert_eq!((backlog.waiting, backlog.failures), (2, 1));
    assert_eq!((backlog.fault.as_deref(), backlog.oldest), (Some("no answer"), Some(now())));
    let first = records.undelivered(1).await.expect("the database answers");
    assert_eq!(first[0].id, "r1-0");
    records.were_delivered(&first, now()).await.expect("forgotten");
    records.were_delivered(&first, now()).await.expect("once more");
    let backlog = records.backlog().await.expect("the database answers");
    assert_eq!((backlog.waiting, backlog.delivered, backlog.failures), (1, 1, 0));
}

async fn an_event_is_stored_as_the_first_and_only_version(records: Records) {
    put(&records, &observation("o", "a", "vital-signs")).await;
    records.note(now(), &[read_of(&author("r1"), "a")]).await.expect("written");
    records.deliver_here(now()).await.expect("delivered");
    let all = token("system/AuditEvent.rs", None);
    let permit = permitted(&all, "GET", "AuditEvent/r1-0");
    let stored = records.read(&permit, "AuditEvent", "r1-0").await.expect("is there");
    assert_eq!((stored.version, stored.last_updated), (1, now()));
    assert!(stored.body.starts_with(r#"{"resourceType":"AuditEvent","id":"r1-0","meta":{"#));
    assert!(stored.body.contains("IHE.BasicAudit.PatientRead|1.1.4"));
}
