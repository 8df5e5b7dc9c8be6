//! Several steps in one transaction: all of them or none, in the order of the specification.

use std::task::{Context, Waker};

use fireward_fhir::{Interaction, Request, Rules, permit};
use serde_json::{Value, json};

use super::asking::{BASE, anyone, ids, now, observation, patient, put, read, token};
use super::databases::on_each_database;
use super::steps::step;
use crate::{Done, Records, RecordsError, Several};

on_each_database![
    entries_are_done_in_the_order_of_the_specification,
    references_between_entries_are_rewritten,
    row_064_nothing_is_left_of_a_transaction_that_fails,
    a_crash_in_the_middle_leaves_nothing,
    what_stands_for_nothing_or_is_there_twice_is_refused,
];

/// Method and target, id and body, and the name of the entry.
type Asked<'a> = ((&'a str, &'a str), (&'a str, Value), Option<&'a str>);

fn several(asked: &[Asked<'_>]) -> Several {
    let mut several = Several::default();
    for (asked, (id, body), name) in asked {
        several.steps.push(step(&anyone(), *asked, (id, body)).expect("allowed"));
        several.names.push(name.map(str::to_owned));
    }
    several
}

async fn entries_are_done_in_the_order_of_the_specification(records: Records) {
    put(&records, &patient("old", "One")).await;
    let all = several(&[
        (("GET", "Patient?family=one"), ("", Value::Null), None),
        (("PUT", "Patient/b"), ("", patient("b", "One")), None),
        // There is none any more once the old one is deleted.
        (("POST", "Patient?family=one"), ("new", patient("", "One")), None),
        (("DELETE", "Patient/old"), ("", Value::Null), None),
        (("GET", "Patient/b"), ("", Value::Null), None),
    ]);
    let done = records.perform_all(&all, now()).await.expect("is done");
    let Done::Found(page) = &done[0] else { panic!("{:?}", done[0]) };
    let mut found: Vec<_> = page.matches.iter().map(|one| one.id.as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, ["b", "new"]);
    assert!(matches!(&done[2], Done::Written { created: true, stored, .. } if stored.id == "new"));
    assert_eq!(done[3], Done::Deleted(Some(2)));
    assert!(matches!(&done[4], Done::Read(stored) if stored.id == "b"));
}

async fn references_between_entries_are_rewritten(records: Records) {
    put(&records, &patient("known", "Known")).await;
    let to = |subject: &str| {
        let mut observation = observation("x", "nobody", "laboratory");
        observation["subject"]["reference"] = subject.into();
        observation
    };
    let mut all = several(&[
        (("POST", "Observation"), ("o1", to("urn:uuid:p")), None),
        (("POST", "Observation"), ("o2", to("urn:uuid:k")), None),
        (("POST", "Observation"), ("o3", to("Patient?family=known")), None),
        (("POST", "Patient"), ("p1", patient("", "New")), Some("urn:uuid:p")),
        (("POST", "Patient?family=known"), ("p2", patient("", "Known")), Some("urn:uuid:k")),
    ]);
    let (path, query) = ("Patient", "family=known");
    let request = Request { method: "GET", path, query, base: BASE, ..Request::default() };
    let interaction = Interaction::parse(&request).expect("a search");
    let permit = permit(&anyone(), &interaction, &Rules::default()).expect("allowed");
    let Interaction::Search(search) = interaction else { panic!("no search") };
    all.searches.push(("Patient?family=known".to_owned(), search, permit));
    records.perform_all(&all, now()).await.expect("is done");
    for (id, subject) in [("o1", "Patient/p1"), ("o2", "Patient/known"), ("o3", "Patient/known")] {
        let stored = read(&records, &anyone(), "Observation", id).await.expect("is there");
        let resource: Value = serde_json::from_str(&stored.body).expect("JSON");
        assert_eq!(resource["subject"]["reference"], subject, "{id}");
    }
    assert_eq!(ids(&records, &anyone(), "Observation?patient=p1").await, ["o1"]);
}

async fn row_064_nothing_is_left_of_a_transaction_that_fails(records: Records) {
    put(&records, &patient("a", "A")).await;
    let missing = several(&[
        (("DELETE", "Patient/a"), ("", Value::Null), None),
        (("POST", "Patient"), ("n", patient("", "New")), None),
        (("GET", "Patient/nobody"), ("", Value::Null), None),
    ]);
    let failed = records.perform_all(&missing, now()).await;
    let Err(RecordsError::Entry { at: 2, error }) = failed else { panic!("{failed:?}") };
    assert!(matches!(*error, RecordsError::Missing));
    let mut refused = Several::default();
    for (id, subject) in [("o1", "a"), ("o2", "b")] {
        let sent = observation(id, subject, "laboratory");
        let token = token("patient/Observation.c", Some("a"));
        refused.steps.push(step(&token, ("POST", "Observation"), (id, &sent)).expect("allowed"));
        refused.names.push(None);
    }
    let failed = records.perform_all(&refused, now()).await;
    let Err(RecordsError::Entry { at: 1, error }) = failed else { panic!("{failed:?}") };
    assert!(matches!(*error, RecordsError::Refused));
    assert_eq!(ids(&records, &anyone(), "Patient").await, ["a"]);
    assert_eq!(ids(&records, &anyone(), "Observation").await, Vec::<String>::new());
}

async fn a_crash_in_the_middle_leaves_nothing(records: Records) {
    let names: Vec<_> = (0..10).map(|number| format!("n{number}")).collect();
    let asked: Vec<_> = names
        .iter()
        .map(|id| (("POST", "Patient"), (id.as_str(), patient("", "New")), None))
        .collect();
    let all = several(&asked);
    let mut context = Context::from_waker(Waker::noop());
    let mut finished = 0;
    for polls in (1..400).step_by(13) {
        let mut work = Box::pin(records.perform_all(&all, now()));
        for _ in 0..polls {
            if work.as_mut().poll(&mut context).is_ready() {
                finished += 1;
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(work);
        let left = ids(&records, &anyone(), "Patient").await.len();
        assert!(left == 0 || left == 10, "{left} of 10 after {polls}");
        if finished > 0 {
            break;
        }
    }
    let whole = records.perform_all(&all, now()).await;
    assert!(whole.is_ok() || ids(&records, &anyone(), "Patient").await.len() == 10);
}

async fn what_stands_for_nothing_or_is_there_twice_is_refused(records: Records) {
    let mut nowhere = observation("x", "a", "laboratory");
    nowhere["subject"]["reference"] = "urn:uuid:nobody".into();
    let dangling = several(&[(("POST", "Observation"), ("o", nowhere), None)]);
    let failed = records.perform_all(&dangling, now()).await;
    let Err(RecordsError::Entry { at: 0, error }) = failed else { panic!("{failed:?}") };
    assert!(matches!(*error, RecordsError::Dangling(_)));
    let twice = several(&[
        (("PUT", "Patient/a"), ("", patient("a", "One")), None),
        (("DELETE", "Patient/a"), ("", Value::Null), None),
    ]);
    put(&records, &patient("a", "A")).await;
    let failed = records.perform_all(&twice, now()).await;
    assert!(matches!(failed, Err(RecordsError::Entry { at: 0, .. })), "{failed:?}");
    let twice = several(&[
        (("PUT", "Patient?family=a"), ("", json!({ "resourceType": "Patient" })), None),
        (("PUT", "Patient/a"), ("", patient("a", "One")), None),
    ]);
    let failed = records.perform_all(&twice, now()).await;
    assert!(matches!(failed, Err(RecordsError::Entry { at: 1, .. })), "{failed:?}");
    let stored = read(&records, &anyone(), "Patient", "a").await.expect("as it was");
    assert_eq!(stored.version, 1);
}
