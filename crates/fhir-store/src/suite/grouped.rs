//! Tokens that are bound to a group open the records of its members, and nothing else.

use fireward_fhir::Access;
use serde_json::{Value, json};

use super::asking::{BASE, ask, ids, observation, past, patient, permitted, put, read, search};
use super::databases::on_each_database;
use crate::{Change, Precondition, Records, RecordsError};

on_each_database![
    sc_11_a_group_opens_the_records_of_its_members_alone,
    sc_11_a_group_that_nobody_knows_opens_nothing,
    sc_11_what_comes_along_is_within_the_group,
    sc_11_who_leaves_the_group_is_closed_at_once,
    sc_11_a_token_of_a_group_writes_nothing,
];

fn bound(scope: &str, group: &str) -> Access {
    let claims = json!({ "scope": scope, "exp": 0, "fireward_group": group });
    Access::of(&serde_json::from_value(claims).expect("claims"), BASE)
}

fn group(members: &[&str]) -> Value {
    let member = |id: &&str| json!({ "entity": { "reference": format!("Patient/{id}") } });
    let member: Vec<_> = members.iter().map(member).collect();
    json!({ "resourceType": "Group", "id": "g", "type": "person", "actual": true, "member": member })
}

async fn three_patients(records: &Records) {
    for id in ["a", "b", "c"] {
        put(records, &patient(id, "Any")).await;
        put(records, &json!({ "resourceType": "Practitioner", "id": format!("of-{id}") })).await;
        put(records, &observation(&format!("{id}-lab"), id, "laboratory")).await;
    }
    put(records, &json!({ "resourceType": "Questionnaire", "id": "q", "status": "active" })).await;
    put(records, &json!({ "resourceType": "Group", "id": "h" })).await;
    put(records, &group(&["a", "b"])).await;
}

async fn readable(records: &Records, access: &Access, target: &str) -> bool {
    let (kind, id) = target.split_once('/').expect("a reference");
    match read(records, access, kind, id).await {
        Ok(_) => true,
        Err(RecordsError::Missing) => false,
        Err(error) => panic!("{target}: {error}"),
    }
}

async fn sc_11_a_group_opens_the_records_of_its_members_alone(records: Records) {
    three_patients(&records).await;
    let token = bound("system/*.rs", "Group/g");
    let absolute = bound("system/*.rs", &format!("{BASE}/Group/g"));
    for open in ["Patient/a", "Observation/b-lab", "Practitioner/of-a", "Group/g"] {
        assert!(readable(&records, &token, open).await, "{open}");
        assert!(readable(&records, &absolute, open).await, "{open}");
    }
    for closed in
        ["Patient/c", "Observation/c-lab", "Practitioner/of-c", "Group/h", "Questionnaire/q"]
    {
        assert!(!readable(&records, &token, closed).await, "{closed}");
    }
    assert_eq!(ids(&records, &token, "Patient").await, ["a", "b"]);
    assert_eq!(ids(&records, &token, "Observation?category=laboratory").await, ["a-lab", "b-lab"]);
    assert_eq!(ids(&records, &token, "Observation?patient=c").await, Vec::<String>::new());
    assert_eq!(ids(&records, &token, "Practitioner").await, ["of-a", "of-b"]);
    assert_eq!(ids(&records, &token, "Group").await, ["g"]);
    let labs = bound("system/Observation.rs?category=exam", "Group/g");
    assert!(!readable(&records, &labs, "Observation/a-lab").await, "the constraint counts as well");
    let history = permitted(&token, "GET", "Observation/c-lab/_history");
    assert!(past(&records, &history, ("Observation", "c-lab")).await.is_err());
}

async fn sc_11_a_group_that_nobody_knows_opens_nothing(records: Records) {
    three_patients(&records).await;
    let strange =
        ["Group/nobody", "g", "", "Patient/a", "Group/g/x", "https://elsewhere.example/Group/g"];
    for group in strange {
        let token = bound("system/*.rs", group);
        for target in ["Patient/a", "Observation/a-lab", "Practitioner/of-a", "Group/g"] {
            assert!(!readable(&records, &token, target).await, "{group} {target}");
        }
        assert_eq!(ids(&records, &token, "Patient").await, Vec::<String>::new(), "{group}");
    }
    let change =
        Change { kind: "Group", id: "g", only_if: Precondition::None, now: super::asking::now() };
    let permit = permitted(&super::asking::anyone(), "DELETE", "Group/g");
    records.delete(&permit, &change).await.expect("deleted");
    assert!(
        !readable(&records, &bound("system/*.rs", "Group/g"), "Patient/a").await,
        "nor a deleted one"
    );
}

async fn sc_11_what_comes_along_is_within_the_group(records: Records) {
    three_patients(&records).await;
    // A member's observation by another's practitioner, and of a stranger by the member's.
    let mut shared = observation("shared", "c", "laboratory");
    shared["performer"] = json!([{ "reference": "Patient/a" }]);
    put(&records, &shared).await;
    let mut mine = observation("mine", "a", "exam");
    mine["performer"] = json!([{ "reference": "Patient/c" }, { "reference": "Practitioner/of-c" }]);
    put(&records, &mine).await;
    let token = bound("system/*.rs", "Group/g");
    let page =
        search(&records, &token, "Observation?_id=mine&_include=Observation:performer").await;
    let along: Vec<_> = page.included.iter().map(|stored| stored.id.as_str()).collect();
    assert_eq!(along, ["of-c"], "whom the member's record refers to, not the stranger");
    let page = search(&records, &token, "Patient?_id=a&_revinclude=Observation:performer").await;
    assert!(page.included.is_empty());
}

async fn sc_11_who_leaves_the_group_is_closed_at_once(records: Records) {
    three_patients(&records).await;
    let token = bound("system/*.rs", "Group/g");
    put(&records, &group(&["b", "c"])).await;
    assert!(!readable(&records, &token, "Patient/a").await);
    assert!(readable(&records, &token, "Observation/c-lab").await);
    assert_eq!(ids(&records, &token, "Patient").await, ["b", "c"]);
    let mut over = group(&["b", "c"]);
    over["active"] = json!(false);
    put(&records, &over).await;
    assert_eq!(ids(&records, &token, "Patient").await, Vec::<String>::new());
}

async fn sc_11_a_token_of_a_group_writes_nothing(records: Records) {
    three_patients(&records).await;
    let token = bound("system/*.cruds", "Group/g");
    assert!(ask(&token, "POST", "Observation").is_err());
    let mine = observation("a-lab", "a", "exam");
    let written = super::asking::update(&records, &token, &mine, Precondition::None).await;
    assert!(matches!(written, Err(RecordsError::Refused | RecordsError::Missing)));
    let widened =
        super::asking::update(&records, &token, &group(&["a", "b", "c"]), Precondition::None).await;
    assert!(widened.is_err(), "least of all its own group");
    let permit = permitted(&token, "DELETE", "Observation/a-lab");
    let change = Change {
        kind: "Observation",
        id: "a-lab",
        only_if: Precondition::None,
        now: super::asking::now(),
    };
    assert!(records.delete(&permit, &change).await.is_err());
}
