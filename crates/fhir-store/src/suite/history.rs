//! The history of a type and of everything: in order, page by page, and of nothing that is hidden.

use std::collections::BTreeSet;

use fireward_fhir::{Access, Interaction, Permit, Request, Rules, Versions, permit};
use fireward_jose::b64;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::asking::{BASE, anyone, now, observation, patient, permitted, token};
use super::databases::on_each_database;
use crate::{Change, Of, Past, Precondition, Records, RecordsError};

on_each_database![
    every_version_is_listed_the_newest_first,
    pages_make_up_the_whole,
    d_39_versions_that_are_hidden_leave_no_trace,
    versions_are_chosen_by_time,
    d_36_an_instance_without_visible_versions_is_missing,
];

type Seen = (String, u64, bool);

fn asked(target: &str) -> (Interaction, Versions) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let request = Request { method: "GET", path, query, base: BASE, ..Request::default() };
    let interaction = Interaction::parse(&request).expect(target);
    let (Interaction::History { versions, .. }
    | Interaction::TypeHistory { versions, .. }
    | Interaction::SystemHistory { versions }) = &interaction
    else {
        panic!("{interaction:?}")
    };
    let versions = versions.clone();
    (interaction, versions)
}

async fn page(records: &Records, access: &Access, target: &str) -> Result<Past, RecordsError> {
    let (interaction, versions) = asked(target);
    let permit = permit(access, &interaction, &Rules::default()).expect(target);
    let of = if let Interaction::History { kind, id, .. } = &interaction {
        Of::Instance(kind, id)
    } else {
        Of::All
    };
    records.history(&permit, of, &versions).await
}

async fn seen(records: &Records, access: &Access, target: &str) -> Vec<Seen> {
    let past = page(records, access, target).await.expect(target);
    assert!(past.whole, "{target}");
    past.versions.into_iter().map(|one| (one.id, one.version, one.deleted)).collect()
}

fn seconds(after: i64) -> OffsetDateTime {
    now() + Duration::seconds(after)
}

fn writing(method: &str, kind: &str, id: &str) -> Permit {
    permitted(&anyone(), method, &format!("{kind}/{id}"))
}

async fn put(records: &Records, at: i64, resource: &serde_json::Value) {
    let text = |name: &str| resource[name].as_str().expect(name);
    let (kind, id) = (text("resourceType"), text("id"));
    let change = Change { kind, id, only_if: Precondition::None, now: seconds(at) };
    records.update(&writing("PUT", kind, id), &change, resource).await.expect("anyone may");
}

async fn delete(records: &Records, at: i64, kind: &str, id: &str) {
    let change = Change { kind, id, only_if: Precondition::None, now: seconds(at) };
    records.delete(&writing("DELETE", kind, id), &change).await.expect("anyone may");
}

/// Two patients; an observation of `a` that is changed, one that is deleted, and one that moves from `a` to `b`.
async fn story(records: &Records) {
    put(records, 0, &patient("a", "A")).await;
    put(records, 0, &patient("b", "B")).await;
    put(records, 10, &observation("changed", "a", "laboratory")).await;
    put(records, 20, &observation("gone", "a", "laboratory")).await;
    put(records, 30, &observation("moved", "a", "vital-signs")).await;
    put(records, 40, &observation("changed", "a", "vital-signs")).await;
    put(records, 50, &observation("moved", "b", "vital-signs")).await;
    delete(records, 60, "Observation", "gone").await;
    put(records, 70, &observation("of-b", "b", "laboratory")).await;
}

fn named(seen: &[(&str, u64, bool)]) -> Vec<Seen> {
    seen.iter().map(|(id, version, deleted)| ((*id).to_owned(), *version, *deleted)).collect()
}

async fn every_version_is_listed_the_newest_first(records: Records) {
    story(&records).await;
    let of_type = named(&[
        ("of-b", 1, false),
        ("gone", 2, true),
        ("moved", 2, false),
        ("changed", 2, false),
        ("moved", 1, false),
        ("gone", 1, false),
        ("changed", 1, false),
    ]);
    assert_eq!(seen(&records, &anyone(), "Observation/_history").await, of_type);
    let all = seen(&records, &anyone(), "_history").await;
    assert_eq!(all.len(), 9);
    assert_eq!(all[..7], of_type);
    let one = named(&[("gone", 2, true), ("gone", 1, false)]);
    assert_eq!(seen(&records, &anyone(), "Observation/gone/_history").await, one);
    let deletion = page(&records, &anyone(), "Observation/gone/_history").await.expect("there");
    assert_eq!(deletion.versions[0].body, "");
}

async fn pages_make_up_the_whole(records: Records) {
    story(&records).await;
    // Of one moment, as the entries of a transaction are.
    for number in 0..20 {
        put(&records, 100, &observation(&format!("n{number}"), "a", "laboratory")).await;
    }
    for (access, whole) in [(anyone(), 29), (token("patient/*.s", Some("a")), 25)] {
        let mut found = BTreeSet::new();
        let mut target = "_history?_count=3".to_owned();
        loop {
            let past = page(&records, &access, &target).await.expect("a page");
            assert!(!past.whole && past.versions.len() <= 3);
            for one in &past.versions {
                assert!(found.insert((one.kind.clone(), one.id.clone(), one.version)), "twice");
            }
            let Some(next) = past.next else { break };
            assert_eq!(past.versions.len(), 3, "D-39: a page is as long as any");
            target = format!("_history?_count=3&_page={next}");
        }
        assert_eq!(found.len(), whole);
    }
    for nonsense in
        ["x", "1~2", "1~x~Patient~a", "1~1~Patient~nobody", "9999999999999999999~1~Patient~a"]
    {
        let refused =
            page(&records, &anyone(), &format!("_history?_page={}", b64::encode(nonsense))).await;
        assert!(matches!(refused, Err(RecordsError::NotUnderstood(_))), "{nonsense}");
    }
}

async fn d_39_versions_that_are_hidden_leave_no_trace(records: Records) {
    story(&records).await;
    let a = token("patient/*.rs", Some("a"));
    let of_a = named(&[
        ("gone", 2, true),
        ("changed", 2, false),
        ("gone", 1, false),
        ("changed", 1, false),
    ]);
    // What was moved off the wrong patient is theirs no more, with all of its past.
    assert_eq!(seen(&records, &a, "Observation/_history").await, of_a);
    assert_eq!(seen(&records, &a, "_history").await.len(), 5);
    let b = token("patient/Observation.rs", Some("b"));
    let of_b = named(&[("of-b", 1, false), ("moved", 2, false)]);
    assert_eq!(seen(&records, &b, "_history").await, of_b);
    assert_eq!(seen(&records, &b, "Observation/moved/_history").await, of_b[1..]);
    let laboratory = token("patient/Observation.rs?category=laboratory", Some("a"));
    let of_laboratory = named(&[("gone", 2, true), ("gone", 1, false)]);
    assert_eq!(seen(&records, &laboratory, "Observation/_history").await, of_laboratory);
    let nobody = token("patient/Observation.rs", Some("nobody"));
    assert_eq!(seen(&records, &nobody, "_history").await, []);
}

async fn versions_are_chosen_by_time(records: Records) {
    story(&records).await;
    let at = |seconds: i64| {
        let time = self::seconds(seconds);
        time.format(&time::format_description::well_known::Rfc3339).expect("a time")
    };
    let target = |name: &str, seconds| format!("Observation/_history?{name}={}", at(seconds));
    let since = seen(&records, &anyone(), &target("_since", 50)).await;
    assert_eq!(since, named(&[("of-b", 1, false), ("gone", 2, true), ("moved", 2, false)]));
    let current = seen(&records, &anyone(), &target("_at", 45)).await;
    assert_eq!(current, named(&[("changed", 2, false), ("moved", 1, false), ("gone", 1, false)]));
    assert_eq!(seen(&records, &anyone(), &target("_at", 5)).await, []);
    let late = seen(&records, &anyone(), &target("_since", 1_000)).await;
    assert_eq!(late, []);
}

async fn d_36_an_instance_without_visible_versions_is_missing(records: Records) {
    story(&records).await;
    let b = token("patient/Observation.rs", Some("b"));
    for target in [
        "Observation/changed/_history",
        "Observation/none/_history",
        "Observation/changed/_history?_since=2020",
    ] {
        let missing = page(&records, &b, target).await;
        assert!(matches!(missing, Err(RecordsError::Missing)), "{target}");
    }
    let empty =
        page(&records, &b, "Observation/moved/_history?_since=2099").await.expect("is there");
    assert_eq!((empty.versions.len(), empty.whole), (0, true));
    let other = json!({ "resourceType": "Patient", "id": "c" });
    put(&records, 80, &other).await;
    assert!(page(&records, &anyone(), "Observation/c/_history").await.is_err());
}
