//! What crosses the gateway, and what does not.

use serde_json::json;

use super::{Scripted, World};

#[actix_web::test]
async fn no_header_of_the_client_reaches_the_server_behind() {
    let world = World::new();
    let bearer = format!("Bearer {}", world.token("patient/*.rs", Some("a")));
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Cookie", "session=1"),
        ("X-Forwarded-For", "10.0.0.1"),
        ("X-Forwarded-Host", "evil.example"),
        ("Forwarded", "for=10.0.0.1"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("Connection", "keep-alive, x-secret"),
        ("X-Secret", "1"),
        ("Proxy-Authorization", "Basic YTpi"),
        ("Range", "bytes=0-1"),
        ("If-None-Match", "W/\"9\""),
    ];
    assert_eq!(world.send("GET", "/Patient/a", &headers, "").await.status, 200);
    let heard = world.stub.heard.lock().unwrap()[0].2.clone();
    let names: Vec<_> = heard.keys().map(String::as_str).collect();
    assert_eq!(names, ["accept", "authorization", "host", "user-agent"]);
    assert_eq!(heard["authorization"], "Basic Z2F0ZXdheTpzZWNyZXQ=", "the gateway's own");
}

#[actix_web::test]
async fn no_header_of_the_server_behind_reaches_the_client() {
    let world = World::new();
    let patient = json!({ "resourceType": "Patient", "id": "a", "meta": { "versionId": "3" } });
    let script = Scripted::json(200, &patient)
        .with("set-cookie", "session=1")
        .with("server", "internal/1.0")
        .with("x-internal", "10.0.0.7")
        .with("location", "http://10.0.0.7/fhir/Patient/b")
        .with("content-location", "http://10.0.0.7/fhir/Patient/b")
        .with("link", "<http://10.0.0.7>; rel=next")
        .with("www-authenticate", "Basic")
        .with("etag", "W/\"3\"")
        .with("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT");
    world.stub.script("Patient/a", script);
    let heard = world.ask(&world.anyone(), "GET", "/Patient/a").await;
    let mut names: Vec<_> = heard.headers.keys().map(ToString::to_string).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "access-control-allow-origin",
            "access-control-expose-headers",
            "cache-control",
            "content-type",
            "etag",
            "last-modified",
            "x-content-type-options",
            "x-request-id",
        ]
    );
}

#[actix_web::test]
async fn addresses_of_the_server_behind_become_ours() {
    let world = World::new();
    let behind = world.stub.base();
    let resource = json!({ "resourceType": "DocumentReference", "id": "d",
        "subject": { "reference": format!("{behind}/Patient/a") },
        "content": [{ "attachment": { "url": format!("{behind}/Binary/1") } }] });
    world.stub.script("DocumentReference/d", Scripted::json(200, &resource));
    let a = world.token("patient/*.rs", Some("a"));
    let heard = world.ask(&a, "GET", "/DocumentReference/d").await;
    assert_eq!(heard.status, 200, "judged by what it means: {}", heard.text);
    assert!(!heard.text.contains(&behind));
    assert_eq!(heard.json()["subject"]["reference"], "Patient/a");
}

#[actix_web::test]
async fn what_a_write_only_token_gets_back_is_what_it_sent() {
    let world = World::new();
    let c = world.token("patient/Observation.c", Some("a"));
    let mut more = super::observation("new-1", "a");
    more["note"] = json!([{ "text": "what the server behind knows" }]);
    more["meta"] = json!({ "versionId": "1" });
    let script = Scripted::json(201, &more).with("location", "Observation/new-1/_history/1");
    world.stub.script("Observation", script);
    let heard = world.write(&c, ("POST", "/Observation"), &[], &super::observation("x", "a")).await;
    assert_eq!((heard.status, &heard.json()["id"]), (201, &"new-1".into()));
    assert!(!heard.text.contains("what the server behind knows"), "{}", heard.text);
    let reader = world.token("patient/Observation.cr", Some("a"));
    let heard =
        world.write(&reader, ("POST", "/Observation"), &[], &super::observation("x", "a")).await;
    assert!(heard.text.contains("what the server behind knows"), "{}", heard.text);
}
