//! Writing through the gateway: what is stored and what would be are judged, for one version.

use serde_json::{Value, json};

use super::{BASE, Scripted, World, observation};

#[actix_web::test]
async fn d_40_what_is_written_stays_in_the_record() {
    let world = World::new();
    let a = world.token("patient/Observation.cud", Some("a"));
    let send = async |method: &'static str, target: &'static str, subject: &str| {
        let id = target.rsplit('/').next().unwrap();
        let mut body = observation(id, "a");
        body["subject"]["reference"] = subject.into();
        world.write(&a, (method, target), &[], &body).await.status
    };
    let behind = world.stub.base();
    assert_eq!(send("POST", "/Observation", "Patient/a").await, 201);
    assert_eq!(send("POST", "/Observation", &format!("{BASE}/Patient/a")).await, 201);
    assert_eq!(send("POST", "/Observation", "Patient/b").await, 403);
    assert_eq!(send("POST", "/Observation", &format!("{BASE}/Patient/b")).await, 403);
    assert_eq!(send("POST", "/Observation", &format!("{behind}/Patient/b")).await, 403);
    assert_eq!(send("PUT", "/Observation/a-sugar", "Patient/b").await, 403);
    assert_eq!(send("PUT", "/Observation/b-sugar", "Patient/a").await, 404);
    assert_eq!(send("DELETE", "/Observation/b-sugar", "Patient/a").await, 404);
    assert_eq!(send("PUT", "/Observation/a-sugar", "Patient/a").await, 200);
    assert_eq!(send("DELETE", "/Observation/a-sugar", "Patient/a").await, 204);
    assert_eq!(send("GET", "/Observation/a-weight", "Patient/a").await, 403, "SC-2");
    assert_eq!(
        world.stub.stored("Observation", "b-sugar").unwrap()["subject"]["reference"],
        "Patient/b"
    );
}

#[actix_web::test]
async fn a_reference_that_servers_may_read_in_two_ways_is_not_passed_on() {
    let world = World::new();
    let a = world.token("patient/*.cruds", Some("a"));
    let behind = world.stub.base();
    let host = behind.strip_suffix("/r4").unwrap();
    for reference in [
        "./Patient/b".to_owned(),
        "Patient/b/".to_owned(),
        "/r4/Patient/b".to_owned(),
        "Patient?identifier=b".to_owned(),
        "Patient//b".to_owned(),
        format!("{host}/R4/Patient/b"),
        format!("{host}//r4/Patient/b"),
        format!("{behind}/Patient/b?x=1"),
        "//host/Patient/b".to_owned(),
    ] {
        let mut body =
            json!({ "resourceType": "Provenance", "target": [{ "reference": "Patient/a" }] });
        body["target"].as_array_mut().unwrap().push(json!({ "reference": reference }));
        let heard = world.write(&a, ("POST", "/Provenance"), &[], &body).await;
        assert!((400..404).contains(&heard.status), "{reference}: {}", heard.status);
    }
    let asked = world.stub.requests();
    assert!(asked.is_empty(), "{asked:?}");
}

#[actix_web::test]
async fn a_body_with_two_readings_or_of_another_type_is_refused() {
    let world = World::new();
    let bearer = format!("Bearer {}", world.anyone());
    let twice = r#"{"resourceType":"Patient","id":"a","id":"b"}"#;
    let long = format!("{{\"resourceType\":\"Patient\",\"x\":\"{}\"}}", "x".repeat(3_000_000));
    for (kind, body, status) in [
        ("application/fhir+json", twice, 400),
        ("application/fhir+json", "{", 400),
        ("application/fhir+json", r#"{"resourceType":"patient"}"#, 400),
        ("application/fhir+xml", "<Patient/>", 415),
        ("application/fhir+json", long.as_str(), 413),
    ] {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind)];
        let heard = world.send("PUT", "/Patient/a", &headers, body.to_owned()).await;
        assert_eq!(heard.status, status, "{kind}");
    }
    assert!(world.stub.requests().is_empty());
}

#[actix_web::test]
async fn d_40_a_write_is_for_the_version_that_was_judged() {
    let world = World::new();
    let a = world.token("patient/Observation.cruds", Some("a"));
    let new = observation("a-sugar", "a");
    let put = async |header: (&'static str, &'static str)| {
        world.write(&a, ("PUT", "/Observation/a-sugar"), &[header], &new).await
    };
    assert_eq!(put(("If-Match", "W/\"1\"")).await.status, 200);
    assert_eq!(put(("If-Match", "W/\"1\"")).await.status, 412);
    assert_eq!(put(("If-Match", "nonsense")).await.status, 400);
    assert_eq!(put(("If-None-Match", "*")).await.status, 412);
    let first = observation("new", "a");
    let match_one = [("If-Match", "W/\"1\"")];
    assert_eq!(world.write(&a, ("PUT", "/Observation/new"), &match_one, &first).await.status, 412);
    let created = world.write(&a, ("PUT", "/Observation/new"), &[], &observation("new", "a")).await;
    assert_eq!((created.status, created.header("etag")), (201, "W/\"1\""));
    assert_eq!(created.header("location"), format!("{BASE}/Observation/new/_history/1"));
    let puts: Vec<_> =
        world.stub.heard.lock().unwrap().iter().filter(|one| one.0 == "PUT").cloned().collect();
    assert_eq!(puts[0].2["if-match"], "W/\"1\"");
    assert_eq!(puts[1].2["if-none-match"], "*");
    // Somebody was quicker, behind our back.
    let mut old = observation("a-weight", "a");
    old["meta"] = json!({ "versionId": "41" });
    world.stub.store(&old);
    let stale = Scripted::json(200, &old).with("etag", "W/\"41\"");
    world.stub.script("Observation/a-weight", stale);
    let raced =
        world.write(&a, ("PUT", "/Observation/a-weight"), &[], &observation("a-weight", "a")).await;
    assert_ne!(raced.status, 201);
}

#[actix_web::test]
async fn without_versions_behind_only_those_write_who_may_write_over_anything() {
    let world = World::new();
    let bare = observation("bare", "a");
    world.stub.script("Observation/bare", Scripted::json(200, &bare));
    let a = world.token("patient/Observation.cruds", Some("a"));
    let heard = world.write(&a, ("PUT", "/Observation/bare"), &[], &bare).await;
    assert_eq!(heard.status, 502, "{}", heard.text);
    assert_eq!(
        world.write(&world.anyone(), ("PUT", "/Observation/bare"), &[], &bare).await.status,
        200
    );
}

#[actix_web::test]
async fn patches_are_done_here() {
    let world = World::new();
    let a = world.token("patient/Observation.cruds", Some("a"));
    let bearer = format!("Bearer {a}");
    let patch = async |target: &'static str, patch: Value| {
        let headers =
            [("Authorization", bearer.as_str()), ("Content-Type", "application/json-patch+json")];
        world.send("PATCH", target, &headers, patch.to_string()).await
    };
    let status = json!([{ "op": "replace", "path": "/status", "value": "amended" }]);
    let heard = patch("/Observation/a-sugar", status.clone()).await;
    assert_eq!((heard.status, &heard.json()["status"]), (200, &"amended".into()), "{}", heard.text);
    let stored = world.stub.stored("Observation", "a-sugar").unwrap();
    assert_eq!(stored["status"], "amended");
    assert_eq!(patch("/Observation/b-sugar", status).await.status, 404);
    let away = json!([{ "op": "replace", "path": "/subject/reference", "value": "Patient/b" }]);
    assert_eq!(patch("/Observation/a-sugar", away).await.status, 403);
    assert!(!world.stub.requests().iter().any(|one| one.starts_with("PATCH")));
}

#[actix_web::test]
async fn conditional_forms_search_what_may_be_seen() {
    let world = World::new();
    let a = world.token("patient/Observation.cruds", Some("a"));
    let new = observation("x", "a");
    // The server behind would find two of b's as well.
    let once = [("If-None-Exist", "status=final")];
    let heard = world.write(&a, ("POST", "/Observation"), &once, &new).await;
    assert_eq!(heard.status, 412, "two of a's: {}", heard.text);
    assert_eq!(world.ask(&a, "DELETE", "/Observation/a-weight").await.status, 204);
    let heard = world.write(&a, ("POST", "/Observation"), &once, &new).await;
    assert_eq!((heard.status, &heard.json()["id"]), (200, &"a-sugar".into()));
    let without = world.token("patient/Observation.cud", Some("a"));
    assert_eq!(world.write(&without, ("POST", "/Observation"), &once, &new).await.status, 403);
    assert_eq!(world.ask(&without, "DELETE", "/Observation?status=final").await.status, 403);
    assert_eq!(world.ask(&a, "DELETE", "/Observation?status=final").await.status, 204);
    assert!(world.stub.stored("Observation", "a-sugar").is_none());
    assert!(world.stub.stored("Observation", "b-sugar").is_some());
    assert_eq!(world.ask(&a, "DELETE", "/Observation?status=final").await.status, 404);
}

#[actix_web::test]
async fn d_38_what_hides_a_chain_from_the_judge_does_not_go_on() {
    let world = World::new();
    let a = world.token("patient/Observation.cruds patient/Patient.rs", Some("a"));
    let new = observation("x", "a");
    for hidden in [
        "subject:Patient.name=beta&status=x?status=final",
        "Observation?subject:Patient.name=beta&status=x?status=final",
        "x?subject:Patient.name=beta?status=final",
    ] {
        let header = [("If-None-Exist", hidden)];
        let heard = world.write(&a, ("POST", "/Observation"), &header, &new).await;
        assert!(matches!(heard.status, 400 | 501), "{hidden}: {}", heard.text);
        let entry = json!({ "request": { "method": "POST", "url": "Observation", "ifNoneExist": hidden },
            "resource": new });
        for mode in ["batch", "transaction"] {
            let bundle = json!({ "resourceType": "Bundle", "type": mode, "entry": [entry] });
            world.write(&a, ("POST", ""), &[], &bundle).await;
        }
    }
    assert!(world.stub.requests().is_empty(), "{:?}", world.stub.requests());
}

#[actix_web::test]
async fn d_41_a_batch_is_decided_entry_by_entry() {
    let world = World::new();
    let a = world.token("patient/*.cruds", Some("a"));
    let entry = |method: &str, url: &str| json!({ "request": { "method": method, "url": url } });
    let batch = json!({ "resourceType": "Bundle", "type": "batch", "entry": [
        entry("GET", "Patient/a"), entry("GET", "Patient/b"), entry("DELETE", "Observation/a-sugar"),
        entry("DELETE", "Observation/b-sugar"), entry("GET", "Observation?patient=b"),
        { "request": { "method": "POST", "url": "Observation" }, "resource": observation("y", "b") },
    ] });
    let heard = world.write(&a, ("POST", ""), &[], &batch).await;
    let entries = heard.json()["entry"].as_array().cloned().unwrap();
    let status = |entry: &Value| entry["response"]["status"].as_str().unwrap().to_owned();
    let all: Vec<_> = entries.iter().map(status).collect();
    assert_eq!(all, ["200", "404", "204", "404", "403", "403"]);
    assert_eq!(entries[0]["resource"]["id"], "a");
    assert!(!heard.text.contains("Beta"));
}

#[actix_web::test]
async fn row_64_a_transaction_goes_on_whole_or_not_at_all() {
    let world = World::new();
    let a = world.token("patient/*.cruds", Some("a"));
    let post = |patient: &str| {
        json!({ "request": { "method": "POST", "url": "Observation" },
        "resource": observation("y", patient) })
    };
    let put = json!({ "request": { "method": "PUT", "url": "Observation/a-sugar" },
        "resource": observation("a-sugar", "a") });
    let transaction = |entries: Value| json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries });
    let theirs = json!({ "request": { "method": "DELETE", "url": "Observation/b-sugar" } });
    for (entries, status) in [(json!([post("a"), post("b")]), 403), (json!([put, theirs]), 404)] {
        let heard = world.write(&a, ("POST", ""), &[], &transaction(entries)).await;
        assert_eq!(heard.status, status, "{}", heard.text);
    }
    assert!(!world.stub.requests().iter().any(|one| one.starts_with("POST")));
    let done = |at: &str| json!({ "response": { "status": "201 Created", "location": at, "etag": "W/\"1\"" } });
    let answer = json!({ "resourceType": "Bundle", "type": "transaction-response",
        "entry": [done("Observation/n1/_history/1"), done("Observation/a-sugar/_history/2")] });
    world.stub.script("", Scripted::json(200, &answer));
    let heard = world.write(&a, ("POST", ""), &[], &transaction(json!([post("a"), put]))).await;
    assert_eq!(heard.status, 200, "{}", heard.text);
    let entries = heard.json()["entry"].clone();
    assert_eq!(entries[0]["response"]["location"], format!("{BASE}/Observation/n1/_history/1"));
    // A server that answers something else has not proven what it did.
    let short = json!({ "resourceType": "Bundle", "type": "transaction-response", "entry": [done("Patient/b")] });
    world.stub.script("", Scripted::json(200, &short));
    let heard = world.write(&a, ("POST", ""), &[], &transaction(json!([post("a"), put]))).await;
    assert_eq!(heard.status, 502);
}
