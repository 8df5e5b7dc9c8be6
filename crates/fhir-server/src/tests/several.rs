//! Batches and transactions over HTTP.

use serde_json::{Value, json};

use super::{BASE, FHIR, Heard, World};

fn bundle(kind: &str, entries: &Value) -> Value {
    json!({ "resourceType": "Bundle", "type": kind, "entry": entries })
}

fn patient(family: &str) -> Value {
    json!({ "resourceType": "Patient", "name": [{ "family": family }] })
}

fn observation(subject: &str) -> Value {
    json!({ "resourceType": "Observation", "status": "final", "code": { "text": "x" },
        "subject": { "reference": subject } })
}

async fn post(world: &World, token: &str, bundle: &Value) -> Heard {
    let bearer = format!("Bearer {token}");
    world.send("POST", "", &[("Authorization", &bearer), FHIR], bundle.to_string()).await
}

fn statuses(heard: &Heard) -> Vec<String> {
    let entries = heard.json()["entry"].as_array().cloned().unwrap_or_default();
    let status = |entry: &Value| entry["response"]["status"].as_str().expect("a status").to_owned();
    entries.iter().map(status).collect()
}

#[actix_web::test]
async fn a_transaction_writes_what_refers_to_one_another() {
    let world = World::new().await;
    let entries = json!([
        { "request": { "method": "GET", "url": "Observation?patient.name=new&code:text=x" } },
        { "fullUrl": "urn:uuid:11111111-1111-4111-8111-111111111111", "resource": patient("New"),
          "request": { "method": "POST", "url": "Patient", "ifNoneExist": "family=new" } },
        { "resource": observation("urn:uuid:11111111-1111-4111-8111-111111111111"),
          "request": { "method": "POST", "url": "Observation" } },
        { "resource": observation("Patient?_id=a"), "request": { "method": "POST", "url": "Observation" } },
        { "request": { "method": "DELETE", "url": "Observation/a-sugar" } },
        { "request": { "method": "GET", "url": "Patient/b", "ifNoneMatch": "W/\"1\"" } },
    ]);
    let entries = json!(entries.as_array().expect("entries")[1..]);
    let heard = post(&world, &world.anyone(), &bundle("transaction", &entries)).await;
    assert_eq!(heard.status, 200, "{heard:?}");
    assert_eq!(statuses(&heard), ["201", "201", "201", "204", "304"]);
    let answer = heard.json();
    assert_eq!(answer["type"], "transaction-response");
    let location =
        |at: usize| answer["entry"][at]["response"]["location"].as_str().expect("a place");
    assert!(location(0).starts_with(&format!("{BASE}/Patient/")));
    let made = answer["entry"][0]["resource"]["id"].as_str().expect("an id");
    assert_eq!(answer["entry"][1]["resource"]["subject"]["reference"], format!("Patient/{made}"));
    assert_eq!(answer["entry"][2]["resource"]["subject"]["reference"], "Patient/a");
}

#[actix_web::test]
async fn row_064_a_transaction_is_refused_whole_before_anything_is_done() {
    let world = World::new().await;
    let token = world.token("patient/Observation.crs patient/Patient.r", Some("a"));
    let allowed = json!({ "resource": observation("Patient/a"), "request": { "method": "POST", "url": "Observation" } });
    for (denied, status) in [
        (json!({ "request": { "method": "DELETE", "url": "Observation/a-sugar" } }), 403),
        (
            json!({ "resource": observation("Patient/b"), "request": { "method": "POST", "url": "Observation" } }),
            403,
        ),
        (json!({ "request": { "method": "GET", "url": "Patient/b" } }), 404),
        (json!({ "request": { "method": "GET", "url": "Claim/b" } }), 404),
        (
            json!({ "resource": { "resourceType": "Observation" }, "request": { "method": "POST", "url": "Observation" } }),
            400,
        ),
        (
            json!({ "resource": observation("Practitioner?name=x"), "request": { "method": "POST", "url": "Observation" } }),
            403,
        ),
    ] {
        let heard = post(&world, &token, &bundle("transaction", &json!([allowed, denied]))).await;
        assert_eq!(heard.status, status, "{denied} {heard:?}");
        let told = heard.json()["issue"][0]["diagnostics"].as_str().expect("why").to_owned();
        assert!(status == 403 || told.contains("entry[1]"), "{told}");
    }
    let found = world.ask(&token, "GET", "/Observation?patient=a").await;
    assert_eq!(found.ids().len(), 2, "nothing was written");
}

#[actix_web::test]
async fn d_41_entries_of_a_batch_are_decided_alone() {
    let world = World::new().await;
    let token = world.token("patient/Observation.crs patient/Patient.r", Some("a"));
    let entries = json!([
        { "request": { "method": "GET", "url": "Patient/a" } },
        { "request": { "method": "GET", "url": "Patient/b" } },
        { "request": { "method": "DELETE", "url": "Observation/a-sugar" } },
        { "resource": observation("Patient/a"), "request": { "method": "POST", "url": "Observation" } },
        { "resource": observation("Patient/b"), "request": { "method": "POST", "url": "Observation" } },
        { "request": { "method": "GET", "url": "Observation?patient=a" } },
        { "request": { "method": "POST", "url": "" }, "resource": { "resourceType": "Bundle", "type": "batch" } },
        { "request": { "method": "GET", "url": "Observation?date=blue" } },
    ]);
    let heard = post(&world, &token, &bundle("batch", &entries)).await;
    assert_eq!(heard.status, 200, "{heard:?}");
    assert_eq!(statuses(&heard), ["200", "404", "403", "201", "403", "200", "501", "400"]);
    let answer = heard.json();
    assert_eq!(answer["entry"][5]["resource"]["total"], 3, "what was created before is found");
    assert_eq!(answer["entry"][1]["response"]["outcome"]["resourceType"], "OperationOutcome");
}

/// A transaction that writes an observation about whom a search finds.
fn referring(search: &str) -> Value {
    let entry = json!({ "resource": observation(search),
        "request": { "method": "POST", "url": "Observation" } });
    bundle("transaction", &json!([entry]))
}

#[actix_web::test]
async fn what_is_no_such_bundle_is_refused() {
    let world = World::new().await;
    let one = json!({ "request": { "method": "GET", "url": "Patient/a" } });
    let many: Vec<_> = (0..1_001).map(|_| one.clone()).collect();
    for body in [
        json!({ "resourceType": "Patient" }),
        bundle("searchset", &json!([])),
        bundle("transaction", &json!([{ "resource": patient("x") }])),
        bundle("batch", &json!(many)),
        bundle(
            "transaction",
            &json!([
                { "fullUrl": "urn:uuid:1", "resource": patient("x"), "request": { "method": "POST", "url": "Patient" } },
                { "fullUrl": "urn:uuid:1", "resource": patient("x"), "request": { "method": "POST", "url": "Patient" } },
            ]),
        ),
        bundle(
            "transaction",
            &json!([
                { "request": { "method": "DELETE", "url": "Patient/a" } },
                { "request": { "method": "DELETE", "url": "Patient/a" } },
            ]),
        ),
        bundle(
            "transaction",
            &json!([{ "resource": observation("urn:uuid:2"),
            "request": { "method": "POST", "url": "Observation" } }]),
        ),
        referring("Patient?colour=blue"),
        referring("Patient?_id=a&colour=blue"),
        referring("Patient?"),
        referring("Patient?_count=1"),
    ] {
        let heard = post(&world, &world.anyone(), &body).await;
        assert_eq!(heard.status, 400, "{heard:?}");
    }
    let empty = post(&world, &world.anyone(), &bundle("transaction", &json!([]))).await;
    assert_eq!((empty.status, empty.json().get("entry")), (200, None));
    assert_eq!(world.ask(&world.anyone(), "GET", "/Patient").await.ids(), ["a", "b"]);
}
