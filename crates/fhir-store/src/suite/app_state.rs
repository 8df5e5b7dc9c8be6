//! Apps' state: sealed, found by its key, changed by whoever knows its version.

use std::sync::Arc;

use fireward_fhir::{
    Access, AccessClaims,
    app_state::{
        Action, MOST_OCTETS_OF_SYSTEM, MOST_STATES, MOST_STATES_OF_SUBJECT, State, StatePermit,
        permit,
    },
};
use fireward_jose::backend::rand::SystemRandom;
use fireward_keys::MasterKey;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::databases::on_each_database;
use crate::{Records, States, Unchanged, Vault};

on_each_database!(
    as_4_a_state_is_found_by_its_key_as_it_was_sent,
    as_5_a_stale_version_and_another_code_or_subject_change_nothing,
    as_5_of_several_at_once_one_wins,
    as_6_several_states_of_a_code_and_as_many_as_allowed,
    as_6_all_codes_together_have_so_many_states_for_a_subject,
    as_6_all_codes_together_have_so_many_octets_for_a_subject,
    as_6_of_several_at_once_none_goes_beyond_the_bound,
    as_6_an_app_has_so_much_in_all,
    as_6_nothing_of_a_state_is_in_the_database_in_clear,
);

const BASE: &str = "https://ehr.example/fhir";
const OURS: &str = "https://app.example";

fn access(patient: &str) -> Access {
    let claims = serde_json::from_value::<AccessClaims>(json!({
        "scope": "patient/Basic.cuds", "patient": patient, "client_id": "app", "exp": 9,
        "fireward_state_systems": [OURS],
    }));
    Access::of(&claims.expect("claims"), BASE)
}

fn state(code: &str, patient: &str, id: Option<&str>, text: &str) -> State {
    let mut resource = json!({
        "resourceType": "Basic",
        "code": { "coding": [{ "system": OURS, "code": code }] },
        "subject": { "reference": format!("{BASE}/Patient/{patient}") },
        "extension": [
            { "url": "z", "valueString": text }, { "url": "a", "valueString": "second" },
        ],
    });
    if let Some(id) = id {
        resource["id"] = json!(id);
        return State::update(resource, id, BASE).expect("a state");
    }
    State::new(resource, BASE).expect("a state")
}

fn may(action: Action, state: &State) -> StatePermit {
    let patient = state.key.subject.as_ref().map_or("", |subject| &subject.id).to_owned();
    permit(&access(&patient), action, &state.key).expect("a permit")
}

fn now() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_800_000_000).expect("a time")
}

fn states(records: &Records) -> States {
    records.states(Vault::new(MasterKey::new([7; 32]), Arc::new(SystemRandom::new())))
}

async fn create(states: &States, id: &str, state: &State) -> Result<u64, Unchanged> {
    let made = states.create(&may(Action::Create, state), (id, now()), state).await;
    made.expect("the database").map(|stored| stored.version)
}

async fn update(states: &States, id: &str, known: &[u64], state: &State) -> Result<u64, Unchanged> {
    let done = states.update(&may(Action::Update, state), (id, known), (state, now())).await;
    done.expect("the database").map(|stored| stored.version)
}

async fn bodies(states: &States, like: &State) -> Vec<Value> {
    let found = states.search(&may(Action::Search, like)).await.expect("the database");
    found.iter().map(|one| serde_json::from_str(&one.body).expect("JSON")).collect()
}

async fn as_4_a_state_is_found_by_its_key_as_it_was_sent(records: Records) {
    let states = states(&records);
    let one = state("keys", "p1", None, "secret \u{1f511}\n\"quoted\"");
    assert_eq!(create(&states, "s1", &one).await, Ok(1));
    let found = bodies(&states, &one).await;
    assert_eq!(found[0], one.persisted("s1", 1, "2027-01-15T08:00:00Z"));
    assert!(bodies(&states, &state("keys", "p2", None, "")).await.is_empty());
    assert!(bodies(&states, &state("other", "p1", None, "")).await.is_empty());
    let wrong = states.create(&may(Action::Search, &one), ("s2", now()), &one).await;
    assert_eq!(wrong.expect("the database"), Err(Unchanged::PreconditionFailed), "another permit");
}

async fn as_5_a_stale_version_and_another_code_or_subject_change_nothing(records: Records) {
    let states = states(&records);
    create(&states, "s1", &state("keys", "p1", None, "one")).await.expect("made");
    let next = state("keys", "p1", Some("s1"), "two");
    assert_eq!(update(&states, "s1", &[1], &next).await, Ok(2));
    let failed = Err(Unchanged::PreconditionFailed);
    assert_eq!(update(&states, "s1", &[1], &next).await, failed, "stale");
    assert_eq!(update(&states, "s1", &[], &next).await, failed);
    assert_eq!(update(&states, "s2", &[1], &state("keys", "p1", Some("s2"), "")).await, failed);
    for other in [state("other", "p1", Some("s1"), ""), state("keys", "p2", Some("s1"), "")] {
        assert_eq!(update(&states, "s1", &[2], &other).await, failed);
    }
    let delete = async |patient: &str, known: &[u64]| {
        states.delete(&access(patient), ("s1", known)).await.expect("the database")
    };
    assert_eq!(delete("p2", &[2]).await, Err(Unchanged::PreconditionFailed), "another's");
    assert_eq!(delete("p1", &[1]).await, Err(Unchanged::PreconditionFailed), "stale");
    assert_eq!(bodies(&states, &next).await.len(), 1);
    assert_eq!(delete("p1", &[2]).await, Ok(()));
    assert_eq!(delete("p1", &[2]).await, Err(Unchanged::PreconditionFailed), "deleted");
    assert_eq!(update(&states, "s1", &[2, 3], &next).await, failed, "deleted");
}

async fn as_5_of_several_at_once_one_wins(records: Records) {
    let states = states(&records);
    create(&states, "s1", &state("keys", "p1", None, "one")).await.expect("made");
    let texts: Vec<_> = (0..6).map(|n| state("keys", "p1", Some("s1"), &n.to_string())).collect();
    let done = join_all(texts.iter().map(|one| update(&states, "s1", &[1], one))).await;
    assert_eq!(done.iter().filter(|one| one.is_ok()).count(), 1, "{done:?}");
}

async fn as_6_several_states_of_a_code_and_as_many_as_allowed(records: Records) {
    let states = states(&records);
    for n in 0..MOST_STATES {
        let made = create(&states, &format!("s{n}"), &state("keys", "p1", None, "x")).await;
        assert_eq!(made, Ok(1));
    }
    let more = create(&states, "more", &state("keys", "p1", None, "x")).await;
    assert_eq!(more, Err(Unchanged::TooMany));
    assert_eq!(create(&states, "p2", &state("keys", "p2", None, "x")).await, Ok(1));
    let counted = records.count_states().await.expect("the database");
    assert_eq!(counted, [(OURS.to_owned(), i64::try_from(MOST_STATES + 1).expect("few"))]);
    assert_eq!(records.forget_states("https://other.example").await.expect("the database"), 0);
    let gone = records.forget_states(OURS).await.expect("the database");
    assert_eq!(gone, MOST_STATES + 1);
}

async fn as_6_all_codes_together_have_so_many_states_for_a_subject(records: Records) {
    let states = states(&records);
    let code = |n: u64| state(&format!("code-{n}"), "p1", None, "x");
    for n in 0..MOST_STATES_OF_SUBJECT {
        assert_eq!(create(&states, &format!("s{n}"), &code(n)).await, Ok(1));
    }
    let full = Err(Unchanged::SubjectFull);
    assert_eq!(create(&states, "more", &code(MOST_STATES_OF_SUBJECT)).await, full);
    assert_eq!(create(&states, "p2", &state("code-1", "p2", None, "x")).await, Ok(1), "another's");
    let next = state("code-0", "p1", Some("s0"), "some more in what is there");
    assert_eq!(update(&states, "s0", &[1], &next).await, Ok(2));
    let gone = states.delete(&access("p1"), ("s0", &[2])).await.expect("the database");
    assert_eq!(gone, Ok(()));
    assert_eq!(create(&states, "more", &code(0)).await, Ok(1), "there is room again");
}

/// A state of which 15 find room for a subject.
fn large(code: &str, id: Option<&str>) -> State {
    state(code, "p1", id, &"x".repeat(260 * 1024))
}

async fn as_6_all_codes_together_have_so_many_octets_for_a_subject(records: Records) {
    let states = states(&records);
    for n in 0..15 {
        let code = format!("code-{n}");
        assert_eq!(create(&states, &format!("s{n}"), &large(&code, None)).await, Ok(1));
    }
    let full = Err(Unchanged::SubjectFull);
    assert_eq!(create(&states, "more", &large("more", None)).await, full);
    assert_eq!(create(&states, "small", &state("more", "p1", None, "x")).await, Ok(1));
    assert_eq!(update(&states, "small", &[1], &large("more", Some("small"))).await, full, "grown");
    let same = large("code-0", Some("s0"));
    assert_eq!(update(&states, "s0", &[1], &same).await, Ok(2), "no larger");
    let shrunk = state("code-0", "p1", Some("s0"), "x");
    assert_eq!(update(&states, "s0", &[2], &shrunk).await, Ok(3));
    assert_eq!(update(&states, "small", &[1], &large("more", Some("small"))).await, Ok(2));
}

async fn as_6_of_several_at_once_none_goes_beyond_the_bound(records: Records) {
    let states = states(&records);
    for n in 0..14 {
        create(&states, &format!("s{n}"), &large(&format!("c{n}"), None)).await.expect("made");
    }
    let ids: Vec<_> = (0..4).map(|n| format!("at-once-{n}")).collect();
    let made = join_all(ids.iter().map(async |id| create(&states, id, &large(id, None)).await));
    let made = made.await;
    assert_eq!(made.iter().filter(|one| one.is_ok()).count(), 1, "{made:?}");
}

async fn as_6_an_app_has_so_much_in_all(records: Records) {
    let states = states(&records);
    create(&states, "s1", &state("keys", "p1", None, "x")).await.expect("made");
    let almost = format!("UPDATE fhir_app_state SET octets = {}", MOST_OCTETS_OF_SYSTEM - 1_000);
    records.database.execute_unprepared(&almost).await.expect("the database");
    let p2 = |id, text: &str| state("keys", "p2", id, text);
    let full = Err(Unchanged::SystemFull);
    assert_eq!(create(&states, "s2", &p2(None, &"x".repeat(1_000))).await, full);
    assert_eq!(create(&states, "s2", &p2(None, "x")).await, Ok(1));
    assert_eq!(update(&states, "s2", &[1], &p2(Some("s2"), &"x".repeat(1_000))).await, full);
    records.forget_states(OURS).await.expect("the database");
    assert_eq!(create(&states, "s2", &p2(None, &"x".repeat(1_000))).await, Ok(1));
}

async fn as_6_nothing_of_a_state_is_in_the_database_in_clear(records: Records) {
    let states = states(&records);
    let one = state("keys", "p1", None, "a very secret key");
    create(&states, "s1", &one).await.expect("made");
    let backend = records.database.get_database_backend();
    let select = Statement::from_string(backend, "SELECT sealed FROM fhir_app_state");
    let row = records.database.query_one_raw(select).await.expect("the database").expect("a row");
    let sealed: Vec<u8> = row.try_get("", "sealed").expect("octets");
    let has = |needle: &[u8]| sealed.windows(needle.len()).any(|part| part == needle);
    assert!(!has(b"secret") && !has(b"valueString"));
    let other = records.states(Vault::new(MasterKey::new([8; 32]), Arc::new(SystemRandom::new())));
    assert!(other.search(&may(Action::Search, &one)).await.is_err(), "another key opens nothing");
    // A row is of its key: put under another patient it cannot be opened.
    let moved = "UPDATE fhir_app_state SET subject = 'Patient/p2'";
    records.database.execute_unprepared(moved).await.expect("the database");
    let p2 = state("keys", "p2", None, "");
    assert!(states.search(&may(Action::Search, &p2)).await.is_err());
}
