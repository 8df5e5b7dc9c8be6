//! Versions: what is written is read again, and of two writers at once one learns that it came late.

use std::sync::Arc;

use serde_json::{Value, json};

use super::asking::{anyone, now, observation, past, patient, permitted, put, read, update};
use super::databases::on_each_database;
use crate::{Change, Precondition, Records, RecordsError};

on_each_database![
    what_is_written_is_read_again,
    every_version_can_be_read,
    a_deleted_resource_is_gone_and_can_come_back,
    a_version_that_is_not_current_is_refused,
    d_39_an_expected_version_tells_nobody_what_is_hidden_from_them,
    of_concurrent_updates_of_one_version_one_succeeds,
    of_concurrent_creations_under_one_id_one_succeeds,
    times_of_versions_follow_one_another,
];

async fn what_is_written_is_read_again(records: Records) {
    let stored = put(&records, &patient("a", "Ångström")).await;
    assert_eq!(stored.version, 1);
    let again = read(&records, &anyone(), "Patient", "a").await.expect("is there");
    assert_eq!(again, stored);
    let resource: Value = serde_json::from_str(&again.body).expect("JSON");
    let meta = json!({ "versionId": "1", "lastUpdated": "2026-11-18T11:06:40Z" });
    assert_eq!(resource["meta"], meta);
    assert_eq!(resource["name"][0]["family"], "Ångström");
    assert!(again.body.starts_with(r#"{"resourceType":"Patient","id":"a","meta":{"#));
    let missing = read(&records, &anyone(), "Patient", "b").await;
    assert!(matches!(missing, Err(RecordsError::Missing)));
}

async fn every_version_can_be_read(records: Records) {
    for family in ["One", "Two", "Three"] {
        put(&records, &patient("a", family)).await;
    }
    for (version, family) in [(1, "One"), (2, "Two"), (3, "Three")] {
        let permit = permitted(&anyone(), "GET", &format!("Patient/a/_history/{version}"));
        let stored = records.vread(&permit, ("Patient", "a"), version).await.expect("is there");
        assert_eq!(stored.version, version);
        assert!(stored.body.contains(family));
    }
    let permit = permitted(&anyone(), "GET", "Patient/a/_history");
    for version in [0, 4, u64::MAX] {
        let none = records.vread(&permit, ("Patient", "a"), version).await;
        assert!(matches!(none, Err(RecordsError::Missing)), "{version}");
    }
    let history = past(&records, &permit, ("Patient", "a")).await.expect("is there");
    assert_eq!(history.iter().map(|s| s.version).collect::<Vec<_>>(), [3, 2, 1]);
}

async fn a_deleted_resource_is_gone_and_can_come_back(records: Records) {
    put(&records, &patient("a", "One")).await;
    let permit = permitted(&anyone(), "DELETE", "Patient/a");
    let change = Change { kind: "Patient", id: "a", only_if: Precondition::None, now: now() };
    assert_eq!(records.delete(&permit, &change).await.expect("is deleted"), 2);
    assert_eq!(records.delete(&permit, &change).await.expect("changes nothing"), 2);
    let gone = read(&records, &anyone(), "Patient", "a").await;
    assert!(matches!(gone, Err(RecordsError::Gone)));
    let found = super::asking::ids(&records, &anyone(), "Patient?name=one").await;
    assert_eq!(found, Vec::<String>::new());
    let back = update(&records, &anyone(), &patient("a", "Two"), Precondition::Absent).await;
    let back = back.expect("nobody has it");
    assert_eq!((back.stored.version, back.created), (3, true));
    let permit = permitted(&anyone(), "GET", "Patient/a/_history");
    let history = past(&records, &permit, ("Patient", "a")).await.expect("is there");
    let versions: Vec<_> = history.iter().map(|s| (s.version, s.deleted)).collect();
    assert_eq!(versions, [(3, false), (2, true), (1, false)]);
    let deletion = records.vread(&permit, ("Patient", "a"), 2).await;
    assert!(matches!(deletion, Err(RecordsError::Gone)));
}

async fn a_version_that_is_not_current_is_refused(records: Records) {
    put(&records, &patient("a", "One")).await;
    put(&records, &patient("a", "Two")).await;
    for (only_if, current) in [
        (Precondition::OneOf(vec![1]), 2),
        (Precondition::OneOf(vec![3]), 2),
        (Precondition::Absent, 2),
    ] {
        let late = update(&records, &anyone(), &patient("a", "Three"), only_if).await;
        assert!(matches!(late, Err(RecordsError::Stale { current: c }) if c == current));
    }
    for only_if in [Precondition::OneOf(vec![2]), Precondition::Present] {
        update(&records, &anyone(), &patient("a", "Three"), only_if).await.expect("in time");
    }
    for only_if in [Precondition::OneOf(vec![1]), Precondition::Present] {
        let none = update(&records, &anyone(), &patient("new", "One"), only_if).await;
        assert!(matches!(none, Err(RecordsError::Stale { current: 0 })));
    }
    let permit = permitted(&anyone(), "DELETE", "Patient/a");
    let only_if = Precondition::OneOf(vec![1]);
    let change = Change { kind: "Patient", id: "a", only_if, now: now() };
    let late = records.delete(&permit, &change).await;
    assert!(matches!(late, Err(RecordsError::Stale { current: 4 })));
}

async fn d_39_an_expected_version_tells_nobody_what_is_hidden_from_them(records: Records) {
    put(&records, &observation("hidden", "b", "laboratory")).await;
    let a = super::asking::token("patient/*.cruds", Some("a"));
    for only_if in [Precondition::OneOf(vec![1]), Precondition::Present] {
        for id in ["hidden", "absent"] {
            let resource = observation(id, "a", "laboratory");
            let refused = update(&records, &a, &resource, only_if.clone()).await;
            assert!(matches!(refused, Err(RecordsError::Stale { current: 0 })), "{id}");
        }
    }
}

async fn of_concurrent_updates_of_one_version_one_succeeds(records: Records) {
    put(&records, &patient("a", "One")).await;
    let outcomes = at_once(&records, Precondition::OneOf(vec![1])).await;
    assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 1);
    let late = |o: &Result<_, _>| matches!(o, Err(RecordsError::Stale { current: 2 }));
    assert_eq!(outcomes.iter().filter(|o| late(o)).count(), WRITERS - 1);
    // The index has the winner alone.
    assert_eq!(super::asking::ids(&records, &anyone(), "Patient?name=writer").await, ["a"]);
    assert_eq!(super::asking::ids(&records, &anyone(), "Patient?name=one").await.len(), 0);
}

async fn of_concurrent_creations_under_one_id_one_succeeds(records: Records) {
    let outcomes = at_once(&records, Precondition::Absent).await;
    assert_eq!(outcomes.iter().filter(|o| o.is_ok()).count(), 1);
    let late = |o: &Result<_, _>| matches!(o, Err(RecordsError::Stale { current: 1 }));
    assert_eq!(outcomes.iter().filter(|o| late(o)).count(), WRITERS - 1);
}

async fn at_once(
    records: &Records,
    only_if: Precondition,
) -> Vec<Result<crate::Written, RecordsError>> {
    let barrier = Arc::new(tokio::sync::Barrier::new(WRITERS));
    let writers = (0..WRITERS).map(|writer| {
        let (records, only_if, barrier) = (records.clone(), only_if.clone(), barrier.clone());
        async move {
            barrier.wait().await;
            let resource = patient("a", &format!("Writer{writer}"));
            update(&records, &anyone(), &resource, only_if).await
        }
    });
    futures_util::future::join_all(writers).await
}

async fn times_of_versions_follow_one_another(records: Records) {
    let first = put(&records, &observation("o", "a", "laboratory")).await;
    let second = put(&records, &observation("o", "a", "laboratory")).await;
    assert!(second.last_updated > first.last_updated, "though the clock stood still");
}

const WRITERS: usize = 6;
