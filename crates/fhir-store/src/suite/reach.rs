//! What a permit does not reach is as if it were not there.

use serde_json::{Value, json};

use super::asking::{
    anyone, ask, ids, now, observation, past, patient, permitted, put, read, search,
};
use super::asking::{token, update};
use super::databases::on_each_database;
use crate::{Change, Precondition, Records, RecordsError};

on_each_database![
    d_36_another_patients_resource_is_missing,
    d_36_what_a_granular_scope_leaves_out_is_missing,
    d_36_a_deletion_is_told_only_to_those_who_could_read,
    d_39_totals_and_pages_count_only_what_may_be_seen,
    d_39_a_condition_on_a_hidden_version_is_not_answered,
    d_34_a_performer_or_a_member_opens_nothing,
    d_35_shared_resources_are_seen_through_the_record,
    d_35_a_granular_scope_narrows_what_refers,
    d_40_writes_stay_in_the_record_and_in_the_constraint,
    d_37_what_comes_along_is_within_the_permit,
    sc_6_scopes_unite,
    a_permit_for_one_type_reaches_no_other,
];

async fn two_patients(records: &Records) {
    for (id, family) in [("a", "Alpha"), ("b", "Beta")] {
        put(records, &patient(id, family)).await;
        let practitioner = json!({ "resourceType": "Practitioner", "id": format!("of-{id}") });
        put(records, &practitioner).await;
        put(records, &observation(&format!("{id}-weight"), id, "vital-signs")).await;
        put(records, &observation(&format!("{id}-sugar"), id, "laboratory")).await;
    }
}

fn missing<T>(answer: &Result<T, RecordsError>) -> bool {
    matches!(answer, Err(RecordsError::Missing))
}

async fn d_36_another_patients_resource_is_missing(records: Records) {
    two_patients(&records).await;
    let a = token("patient/*.cruds", Some("a"));
    assert!(read(&records, &a, "Observation", "a-weight").await.is_ok());
    assert!(missing(&read(&records, &a, "Observation", "b-weight").await));
    assert!(missing(&read(&records, &a, "Patient", "b").await));
    let permit = permitted(&a, "GET", "Observation/b-weight/_history/1");
    assert!(missing(&records.vread(&permit, ("Observation", "b-weight"), 1).await));
    assert!(missing(&past(&records, &permit, ("Observation", "b-weight")).await));
    let mine = observation("b-weight", "a", "vital-signs");
    assert!(missing(&update(&records, &a, &mine, Precondition::None).await));
    let permit = permitted(&a, "DELETE", "Observation/b-weight");
    let change =
        Change { kind: "Observation", id: "b-weight", only_if: Precondition::None, now: now() };
    assert!(missing(&records.delete(&permit, &change).await));
    assert!(read(&records, &anyone(), "Observation", "b-weight").await.is_ok());
}

async fn d_36_what_a_granular_scope_leaves_out_is_missing(records: Records) {
    two_patients(&records).await;
    let labs = token("patient/Observation.rs?category=laboratory", Some("a"));
    assert!(read(&records, &labs, "Observation", "a-sugar").await.is_ok());
    assert!(missing(&read(&records, &labs, "Observation", "a-weight").await));
    assert_eq!(ids(&records, &labs, "Observation").await, ["a-sugar"]);
    // Of those that can be seen now, each version is judged by what it says itself.
    put(&records, &observation("a-weight", "a", "laboratory")).await;
    let permit = permitted(&labs, "GET", "Observation/a-weight/_history");
    let history = past(&records, &permit, ("Observation", "a-weight")).await.expect("one of two");
    assert_eq!(history.iter().map(|s| s.version).collect::<Vec<_>>(), [2]);
    assert!(missing(&records.vread(&permit, ("Observation", "a-weight"), 1).await));
}

async fn d_36_a_deletion_is_told_only_to_those_who_could_read(records: Records) {
    two_patients(&records).await;
    let permit = permitted(&anyone(), "DELETE", "Observation/b-weight");
    let change =
        Change { kind: "Observation", id: "b-weight", only_if: Precondition::None, now: now() };
    records.delete(&permit, &change).await.expect("anyone may");
    let of = |patient| token("patient/Observation.r", Some(patient));
    let told = read(&records, &of("b"), "Observation", "b-weight").await;
    assert!(matches!(told, Err(RecordsError::Gone)));
    assert!(missing(&read(&records, &of("a"), "Observation", "b-weight").await));
    let permit = permitted(&of("a"), "GET", "Observation/b-weight/_history");
    assert!(missing(&past(&records, &permit, ("Observation", "b-weight")).await));
}

async fn d_39_totals_and_pages_count_only_what_may_be_seen(records: Records) {
    two_patients(&records).await;
    let a = token("patient/Observation.rs", Some("a"));
    let page = search(&records, &a, "Observation?_count=1").await;
    assert_eq!((page.total, page.matches.len()), (Some(2), 1));
    let next = page.next.expect("a second page");
    let page = search(&records, &a, &format!("Observation?_count=1&_page={next}")).await;
    assert_eq!((page.total, page.matches.len(), page.next), (Some(2), 1, None));
    let count = search(&records, &a, "Observation?_summary=count").await;
    assert_eq!((count.total, count.matches.len()), (Some(2), 0));
    assert_eq!(search(&records, &anyone(), "Observation?_summary=count").await.total, Some(4));
}

async fn d_39_a_condition_on_a_hidden_version_is_not_answered(records: Records) {
    two_patients(&records).await;
    let a = token("patient/Observation.cruds", Some("a"));
    let mine = observation("b-weight", "a", "vital-signs");
    // As where there is no such resource: neither version is the one that is there.
    for only_if in [Precondition::OneOf(vec![1]), Precondition::OneOf(vec![7])] {
        let refused = update(&records, &a, &mine, only_if).await;
        assert!(matches!(refused, Err(RecordsError::Stale { current: 0 })));
    }
    assert!(missing(&update(&records, &a, &mine, Precondition::Absent).await));
}

async fn d_34_a_performer_or_a_member_opens_nothing(records: Records) {
    two_patients(&records).await;
    let mut theirs = observation("theirs", "b", "laboratory");
    theirs["performer"] = json!([{ "reference": "Patient/a" }]);
    put(&records, &theirs).await;
    let group = json!({ "resourceType": "Group", "id": "g", "type": "person", "actual": true,
        "member": [{ "entity": { "reference": "Patient/a" } }] });
    put(&records, &group).await;
    let a = token("patient/*.rs", Some("a"));
    assert!(missing(&read(&records, &a, "Observation", "theirs").await));
    assert!(missing(&read(&records, &a, "Group", "g").await));
    assert_eq!(ids(&records, &a, "Observation?performer=Practitioner/of-a").await.len(), 2);
    assert_eq!(ids(&records, &a, "Group").await.len(), 0);
}

async fn d_35_shared_resources_are_seen_through_the_record(records: Records) {
    two_patients(&records).await;
    let a = token("patient/Observation.rs patient/Practitioner.rs", Some("a"));
    assert_eq!(ids(&records, &a, "Practitioner").await, ["of-a"]);
    assert!(read(&records, &a, "Practitioner", "of-a").await.is_ok());
    assert!(missing(&read(&records, &a, "Practitioner", "of-b").await));
    // Nothing that the token may read refers to them.
    let alone = token("patient/Practitioner.rs", Some("a"));
    assert!(missing(&read(&records, &alone, "Practitioner", "of-a").await));
    assert_eq!(ids(&records, &alone, "Practitioner").await.len(), 0);
    // Without a scope for the type it is refused before the records are asked.
    let without = token("patient/Observation.rs", Some("a"));
    assert!(ask(&without, "GET", "Practitioner/of-a").is_err());
}

async fn d_35_a_granular_scope_narrows_what_refers(records: Records) {
    two_patients(&records).await;
    let mut lab = observation("a-sugar", "a", "laboratory");
    lab["performer"] = json!([{ "reference": "Practitioner/of-b" }]);
    put(&records, &lab).await;
    let scope = "patient/Observation.rs?category=laboratory patient/Practitioner.rs";
    let labs = token(scope, Some("a"));
    assert_eq!(ids(&records, &labs, "Practitioner").await, ["of-b"]);
    assert!(missing(&read(&records, &labs, "Practitioner", "of-a").await));
}

async fn d_40_writes_stay_in_the_record_and_in_the_constraint(records: Records) {
    two_patients(&records).await;
    let refused = |answer: Result<_, RecordsError>| matches!(answer, Err(RecordsError::Refused));
    let labs = token("patient/Observation.cruds?category=laboratory", Some("a"));
    let write =
        async |resource: Value| update(&records, &labs, &resource, Precondition::None).await;
    assert!(write(observation("new", "a", "laboratory")).await.is_ok());
    assert!(refused(write(observation("other", "a", "vital-signs")).await));
    assert!(refused(write(observation("other", "b", "laboratory")).await));
    // Neither may a resource of the record leave it …
    assert!(refused(write(observation("a-sugar", "b", "laboratory")).await));
    // … nor one from outside the constraint be drawn into it.
    assert!(missing(&write(observation("a-weight", "a", "laboratory")).await));
}

async fn d_37_what_comes_along_is_within_the_permit(records: Records) {
    two_patients(&records).await;
    let along = async |access, target: &str| {
        let page = search(&records, access, target).await;
        let mut ids: Vec<_> = page.included.into_iter().map(|s| s.id).collect();
        ids.sort();
        ids
    };
    let both = "Observation?_include=Observation:subject&_include=Observation:performer";
    let all = token("patient/*.rs", Some("a"));
    assert_eq!(along(&all, both).await, ["a", "of-a"]);
    let only = token("patient/Observation.rs", Some("a"));
    assert_eq!(along(&only, both).await, Vec::<String>::new());
    let everyone = anyone();
    assert_eq!(along(&everyone, both).await, ["a", "b", "of-a", "of-b"]);
    let back = "Patient?_revinclude=Observation:subject";
    assert_eq!(along(&all, back).await, ["a-sugar", "a-weight"]);
    let labs = token("patient/Patient.rs patient/Observation.rs?category=laboratory", Some("a"));
    assert_eq!(along(&labs, back).await, ["a-sugar"]);
    let provenance = json!({ "resourceType": "Provenance", "id": "p",
        "target": [{ "reference": "Observation/a-sugar" }] });
    put(&records, &provenance).await;
    let origin = "Observation?_revinclude=Provenance:target";
    assert_eq!(along(&all, origin).await, ["p"]);
    let b = token("patient/*.rs", Some("b"));
    assert_eq!(along(&b, origin).await, Vec::<String>::new());
    // D-40: b's apps can write this; a's record does not show it.
    let forged = json!({ "resourceType": "Provenance", "id": "forged",
        "target": [{ "reference": "Patient/b" }, { "reference": "Observation/a-sugar" }] });
    put(&records, &forged).await;
    assert_eq!(along(&all, origin).await, ["p"]);
}

async fn sc_6_scopes_unite(records: Records) {
    two_patients(&records).await;
    let scope =
        "patient/Observation.rs?category=laboratory patient/Observation.rs?category=vital-signs";
    assert_eq!(ids(&records, &token(scope, Some("b")), "Observation").await.len(), 2);
    let mixed = "patient/Observation.rs user/Observation.rs?category=laboratory";
    assert_eq!(ids(&records, &token(mixed, Some("b")), "Observation").await.len(), 3);
}

async fn a_permit_for_one_type_reaches_no_other(records: Records) {
    two_patients(&records).await;
    let permit = permitted(&anyone(), "GET", "Practitioner/of-a");
    assert!(missing(&records.read(&permit, "Patient", "a").await));
    let search = super::asking::search_of("Patient");
    assert_eq!(records.search(&permit, &search).await.expect("finds nothing").total, Some(0));
    let change = Change { kind: "Patient", id: "a", only_if: Precondition::None, now: now() };
    assert!(missing(&records.delete(&permit, &change).await));
    let written = records.update(&permit, &change, &patient("a", "Gamma")).await;
    assert!(matches!(written, Err(RecordsError::Refused)));
}
