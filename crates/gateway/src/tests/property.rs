//! Whatever the server behind returns, nothing leaves that the permit forbids.

use fireward_fhir::compartment::patients;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::{Scripted, World};

/// A resource, good or twisted.
fn resource() -> impl Strategy<Value = Value> {
    let kind = prop_oneof![
        4 => Just("Observation"), 2 => Just("Patient"), 2 => Just("Condition"), 1 => Just("Practitioner"),
        1 => Just("observation"), 1 => Just("Bundle"), 1 => Just("OperationOutcome"), 1 => Just("Group"),
    ];
    let id = prop_oneof![Just("a"), Just("b"), Just("x-1"), Just("x-2"), Just("../b"), Just("")];
    let whose = prop_oneof![
        Just("Patient/a"),
        Just("Patient/b"),
        Just("patient/a"),
        Just("Group/a"),
        Just("Patient/a/_history/1"),
        Just("http://elsewhere.example/Patient/a"),
        Just("#a"),
        Just("Patient/ab"),
    ];
    let category = prop_oneof![Just("laboratory"), Just("vital-signs"), Just("")];
    (kind, id, whose, category, any::<bool>()).prop_map(|(kind, id, whose, category, two)| {
        let mut resource = json!({ "resourceType": kind, "id": id, "subject": { "reference": whose },
            "category": [{ "coding": [{ "code": category }] }],
            "performer": [{ "reference": "Practitioner/x-1" }] });
        if two {
            resource["subject"] = json!([{ "reference": whose }, { "reference": "Patient/b" }]);
        }
        resource
    })
}

fn bundle() -> impl Strategy<Value = Value> {
    let mode = prop_oneof![
        Just(json!({ "mode": "match" })),
        Just(json!({ "mode": "include" })),
        Just(Value::Null)
    ];
    let entry = (resource(), mode).prop_map(|(resource, search)| {
        if search.is_null() {
            json!({ "resource": resource })
        } else {
            json!({ "resource": resource, "search": search })
        }
    });
    let kind = prop_oneof![3 => Just("searchset"), 1 => Just("history")];
    (proptest::collection::vec(entry, 0..8), kind, 0..9_u8).prop_map(|(entries, kind, total)| {
        json!({ "resourceType": "Bundle", "type": kind, "total": total, "entry": entries })
    })
}

/// Every resource in an answer, by its type.
fn resources(json: &Value) -> Vec<&Value> {
    let below = match json {
        Value::Array(items) => items.iter().flat_map(resources).collect(),
        Value::Object(members) => members.values().flat_map(resources).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    let kind = json.get("resourceType").and_then(Value::as_str);
    let own = kind.filter(|kind| !matches!(*kind, "Bundle" | "OperationOutcome")).map(|_| json);
    own.into_iter().chain(below).collect()
}

/// What the token opens, said anew and simply.
fn may_leave(resource: &Value, scope: &str) -> bool {
    let kind = resource["resourceType"].as_str().unwrap_or_default();
    let in_record = patients(resource).contains("a");
    let vital = resource["category"][0]["coding"][0]["code"] == "vital-signs";
    match (scope, kind) {
        ("patient/*.rs", "Observation" | "Condition" | "Patient")
        | ("patient/Observation.rs", "Observation") => in_record,
        // Its referrer is looked for at a server that makes everything up.
        ("patient/*.rs", "Practitioner") => true,
        ("patient/Observation.rs?category=vital-signs", "Observation") => in_record && vital,
        _ => false,
    }
}

#[test]
fn nothing_leaves_that_the_permit_forbids() {
    let scope = prop_oneof![
        Just("patient/*.rs"),
        Just("patient/Observation.rs"),
        Just("patient/Observation.rs?category=vital-signs"),
        Just("patient/Condition.cud"),
    ];
    let system = actix_web::rt::System::new();
    let world = system.block_on(async { World::new() });
    let mut runner = TestRunner::new(Config { cases: 32, ..Config::default() });
    let cases = (bundle(), resource(), scope);
    let judged = runner.run(&cases, |(page, one, scope)| {
        for (target, text) in system.block_on(ask_everything(&world, &page, &one, scope)) {
            let Ok(answer) = serde_json::from_str::<Value>(&text) else { continue };
            for resource in resources(&answer) {
                prop_assert!(may_leave(resource, scope), "{target} by {scope}: {resource}");
            }
        }
        Ok(())
    });
    judged.unwrap();
}

async fn ask_everything(
    world: &World,
    page: &Value,
    one: &Value,
    scope: &str,
) -> Vec<(String, String)> {
    for kind in ["Observation", "Condition", "Patient", "Practitioner"] {
        for path in [kind.to_owned(), format!("{kind}/_history"), format!("{kind}/x-1/_history")] {
            world.stub.script(&path, Scripted::json(200, page));
        }
        for path in [format!("{kind}/x-1"), format!("{kind}/a"), format!("{kind}/x-1/_history/1")] {
            world.stub.script(&path, Scripted::json(200, one));
        }
    }
    world.stub.script("Patient/a/$everything", Scripted::json(200, page));
    world.stub.script("_history", Scripted::json(200, page));
    let token = world.token(scope, Some("a"));
    let mut heard = Vec::new();
    for target in [
        "/Observation",
        "/Observation?_include=Observation:subject&_include=Observation:performer",
        "/Patient",
        "/Condition?_count=1",
        "/Practitioner",
        "/Observation/x-1",
        "/Patient/a",
        "/Practitioner/x-1",
        "/Observation/x-1/_history",
        "/Observation/_history",
        "/_history",
        "/Observation/x-1/_history/1",
        "/Patient/a/$everything",
        "/Patient?_revinclude=Observation:subject",
    ] {
        heard.push((target.to_owned(), world.ask(&token, "GET", target).await.text));
    }
    heard
}
