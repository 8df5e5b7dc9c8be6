//! Single steps: what conditions find, what patches leave, and what of two at once becomes.

use fireward_fhir::patch::Patch;
use fireward_fhir::{Access, Interaction, Request, Rules, permit};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::asking::{BASE, anyone, now, observation, patient, put, read, token};
use super::databases::on_each_database;
use crate::{Action, Done, Precondition, Records, RecordsError, Step, Target};

on_each_database![
    a_conditional_create_makes_one_and_no_second,
    of_two_conditional_creations_at_once_one_creates,
    a_conditional_update_changes_the_one_or_makes_one,
    conditional_patch_and_delete_are_about_one,
    d_40_conditions_find_only_what_the_token_may_find,
    d_40_a_patch_is_judged_before_and_after,
    of_two_patches_at_once_none_is_lost,
];

/// A step as a request asks it.
pub(super) fn step(
    access: &Access,
    (method, target): (&str, &str),
    (id, body): (&str, &Value),
) -> Result<Step, fireward_fhir::Denial> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let created = method == "POST" && !query.is_empty();
    let request = Request {
        method,
        path,
        query: if created { "" } else { query },
        if_none_exist: created.then_some(query),
        base: BASE,
        ..Request::default()
    };
    let interaction = Interaction::parse(&request).expect(target);
    let permit = permit(access, &interaction, &Rules::default())?;
    Ok(Step { permit, action: action(&interaction, id, body) })
}

fn action(interaction: &Interaction, id: &str, body: &Value) -> Action {
    let only_if = Precondition::None;
    let resource = body.clone();
    let meets = |search: &fireward_fhir::search::Search| Target::Meets {
        criteria: Box::new(search.clone()),
        otherwise: id.to_owned(),
        chosen: body.get("id").is_some(),
    };
    match interaction {
        Interaction::Create { kind } => {
            Action::Create { kind, id: id.to_owned(), unless: None, resource }
        }
        Interaction::ConditionalCreate(search) => Action::Create {
            kind: search.kind,
            id: id.to_owned(),
            unless: Some(search.clone()),
            resource,
        },
        Interaction::Update { kind, id } => {
            Action::Update { target: Target::Is(kind, id.clone()), only_if, resource }
        }
        Interaction::ConditionalUpdate(search) => {
            Action::Update { target: meets(search), only_if, resource }
        }
        Interaction::Patch { kind, id } => {
            let patch = Patch::json(body).expect("a patch");
            Action::Patch { target: Target::Is(kind, id.clone()), only_if, patch }
        }
        Interaction::ConditionalPatch(search) => {
            let patch = Patch::json(body).expect("a patch");
            Action::Patch { target: meets(search), only_if, patch }
        }
        Interaction::Delete { kind, id } => {
            Action::Delete { target: Target::Is(kind, id.clone()), only_if }
        }
        Interaction::ConditionalDelete(search) => Action::Delete { target: meets(search), only_if },
        Interaction::Read { kind, id } => Action::Read { kind, id: id.clone(), version: None },
        Interaction::Search(search) => Action::Search(search.clone()),
        Interaction::Capabilities
        | Interaction::VersionRead { .. }
        | Interaction::History { .. }
        | Interaction::TypeHistory { .. }
        | Interaction::SystemHistory { .. }
        | Interaction::Bundle
        | Interaction::Everything(_)
        | Interaction::Validate { .. } => panic!("{interaction:?}"),
    }
}

async fn ask(
    records: &Records,
    access: &Access,
    asked: (&str, &str),
    sent: (&str, &Value),
) -> Result<Done, RecordsError> {
    let step = step(access, asked, sent).expect("allowed");
    records.perform(&step, now()).await
}

fn nameless(family: &str) -> Value {
    json!({ "resourceType": "Patient", "name": [{ "family": family }] })
}

async fn a_conditional_create_makes_one_and_no_second(records: Records) {
    let create = async |id: &str, family: &str| {
        let asked = ("POST", "Patient?family=one");
        ask(&records, &anyone(), asked, (id, &nameless(family))).await
    };
    let first = create("x", "One").await.expect("none is there");
    assert!(matches!(first, Done::Written { created: true, .. }), "{first:?}");
    let Done::Existing { stored, shown: true } = create("y", "One").await.expect("one is there")
    else {
        panic!("a second one");
    };
    assert_eq!(stored.id, "x");
    put(&records, &patient("z", "One")).await;
    assert!(matches!(create("y", "One").await, Err(RecordsError::Several)));
    assert!(matches!(read(&records, &anyone(), "Patient", "y").await, Err(RecordsError::Missing)));
}

async fn of_two_conditional_creations_at_once_one_creates(records: Records) {
    let tasks = (0..8).map(async |number| {
        let asked = ("POST", "Patient?family=one");
        ask(&records, &anyone(), asked, (&format!("n{number}"), &nameless("One"))).await
    });
    let mut created = 0;
    for done in join_all(tasks).await {
        match done.expect("is done") {
            Done::Written { .. } => created += 1,
            Done::Existing { .. } => {}
            other @ (Done::Deleted(_) | Done::Read(_) | Done::Found(_) | Done::Past(_)) => {
                panic!("{other:?}")
            }
        }
    }
    assert_eq!(created, 1);
}

async fn a_conditional_update_changes_the_one_or_makes_one(records: Records) {
    let update = async |id: &str, body: &Value| {
        ask(&records, &anyone(), ("PUT", "Patient?family=one"), (id, body)).await
    };
    let Done::Written { stored, created: true, .. } =
        update("x", &nameless("One")).await.expect("made")
    else {
        panic!("none was there");
    };
    assert_eq!((stored.id.as_str(), stored.version), ("x", 1));
    let again = update("y", &nameless("One")).await.expect("changed");
    let Done::Written { stored, created: false, .. } = again else { panic!("{again:?}") };
    assert_eq!((stored.id.as_str(), stored.version), ("x", 2));
    let other = update("y", &patient("y", "One")).await;
    assert!(matches!(other, Err(RecordsError::OtherId { found }) if found == "x"));
    update("x", &patient("x", "One")).await.expect("the same id");
    put(&records, &patient("z", "One")).await;
    assert!(matches!(update("y", &nameless("One")).await, Err(RecordsError::Several)));
    // An id that is taken by one that does not meet the criteria is not overwritten.
    put(&records, &patient("taken", "Two")).await;
    let asked = ("PUT", "Patient?family=three");
    let taken = ask(&records, &anyone(), asked, ("taken", &patient("taken", "Three"))).await;
    assert!(matches!(taken, Err(RecordsError::Stale { current: 1 })), "{taken:?}");
}

async fn conditional_patch_and_delete_are_about_one(records: Records) {
    put(&records, &patient("a", "One")).await;
    put(&records, &patient("b", "Two")).await;
    put(&records, &patient("c", "Two")).await;
    let patch = json!([{ "op": "add", "path": "/active", "value": true }]);
    let patched = async |family: &str| {
        let target = format!("Patient?family={family}");
        ask(&records, &anyone(), ("PATCH", &target), ("", &patch)).await
    };
    assert!(matches!(patched("one").await, Ok(Done::Written { created: false, shown: true, .. })));
    assert!(matches!(patched("two").await, Err(RecordsError::Several)));
    assert!(matches!(patched("three").await, Err(RecordsError::Missing)));
    let deleted = async |family: &str| {
        let target = format!("Patient?family={family}");
        ask(&records, &anyone(), ("DELETE", &target), ("", &Value::Null)).await
    };
    assert!(matches!(deleted("two").await, Err(RecordsError::Several)));
    assert_eq!(deleted("one").await.expect("one"), Done::Deleted(Some(3)));
    assert_eq!(deleted("one").await.expect("none"), Done::Deleted(None));
    let unfit = json!([{ "op": "remove", "path": "/nothing" }]);
    let unfit = ask(&records, &anyone(), ("PATCH", "Patient/b"), ("", &unfit)).await;
    assert!(matches!(unfit, Err(RecordsError::Unfit(_))));
    let malformed = json!([{ "op": "add", "path": "/gender", "value": "blue" }]);
    let malformed = ask(&records, &anyone(), ("PATCH", "Patient/b"), ("", &malformed)).await;
    assert!(matches!(malformed, Err(RecordsError::Malformed(issues)) if issues.len() == 1));
}

async fn d_40_conditions_find_only_what_the_token_may_find(records: Records) {
    put(&records, &patient("a", "A")).await;
    put(&records, &observation("of-a", "a", "laboratory")).await;
    put(&records, &observation("of-b", "b", "laboratory")).await;
    let a = token("patient/Observation.cuds", Some("a"));
    let target = "Observation?category=laboratory";
    let created = ask(&records, &a, ("POST", target), ("n", &observation("n", "a", "x"))).await;
    assert!(matches!(created, Ok(Done::Existing { stored, .. }) if stored.id == "of-a"));
    let deleted = ask(&records, &a, ("DELETE", target), ("", &Value::Null)).await;
    assert_eq!(deleted.expect("one of two is hers"), Done::Deleted(Some(2)));
    assert!(read(&records, &anyone(), "Observation", "of-b").await.is_ok());
    // To find takes a permission of its own.
    let blind = token("patient/Observation.cud", Some("a"));
    for method in ["POST", "PUT", "DELETE"] {
        let denied = step(&blind, (method, target), ("n", &observation("n", "a", "x")));
        assert!(denied.is_err(), "{method}");
    }
}

async fn d_40_a_patch_is_judged_before_and_after(records: Records) {
    put(&records, &observation("of-a", "a", "laboratory")).await;
    put(&records, &observation("of-b", "b", "laboratory")).await;
    let a = token("patient/Observation.u", Some("a"));
    let to = |patient: &str| json!([{ "op": "replace", "path": "/subject/reference", "value": format!("Patient/{patient}") }]);
    let given_away = ask(&records, &a, ("PATCH", "Observation/of-a"), ("", &to("b"))).await;
    assert!(matches!(given_away, Err(RecordsError::Refused)));
    let taken = ask(&records, &a, ("PATCH", "Observation/of-b"), ("", &to("a"))).await;
    assert!(matches!(taken, Err(RecordsError::Missing)));
    // To write is not to read: what a patch leaves is not shown (SC-2).
    let status = json!([{ "op": "replace", "path": "/status", "value": "amended" }]);
    let kept = ask(&records, &a, ("PATCH", "Observation/of-a"), ("", &status)).await;
    assert!(matches!(kept, Ok(Done::Written { shown: false, .. })), "{kept:?}");
    let reader = token("patient/Observation.ru", Some("a"));
    // Nor may its outcome tell: whatever does not fit, and all that tests, is answered alike.
    for operation in [
        json!({ "op": "test", "path": "/status", "value": "amended" }),
        json!({ "op": "test", "path": "/status", "value": "final" }),
        json!({ "op": "remove", "path": "/note/0" }),
        json!({ "op": "remove", "path": "/status" }),
    ] {
        let patch = json!([operation]);
        let refused = ask(&records, &a, ("PATCH", "Observation/of-a"), ("", &patch)).await;
        assert!(matches!(refused, Err(RecordsError::Unseen)), "{patch}: {refused:?}");
        let heard = ask(&records, &reader, ("PATCH", "Observation/of-a"), ("", &patch)).await;
        assert!(!matches!(heard, Err(RecordsError::Unseen)), "{patch}: {heard:?}");
    }
    let kept = ask(&records, &reader, ("PATCH", "Observation/of-a"), ("", &status)).await;
    assert!(matches!(kept, Ok(Done::Written { shown: true, .. })), "{kept:?}");
}

async fn of_two_patches_at_once_none_is_lost(records: Records) {
    put(&records, &patient("a", "A")).await;
    let tasks = (0..4).map(async |number| {
        let name = json!({ "text": format!("n{number}") });
        let patch = json!([{ "op": "add", "path": "/name/-", "value": name }]);
        ask(&records, &anyone(), ("PATCH", "Patient/a"), ("", &patch)).await
    });
    let mut done = 0;
    for patched in join_all(tasks).await {
        match patched {
            Ok(_) => done += 1,
            Err(RecordsError::Raced | RecordsError::Stale { .. }) => {}
            Err(error) => panic!("{error}"),
        }
    }
    let after = read(&records, &anyone(), "Patient", "a").await.expect("there");
    let resource: Value = serde_json::from_str(&after.body).expect("JSON");
    assert_eq!(resource["name"].as_array().map(Vec::len), Some(1 + done));
    assert!(done > 0);
}
