//! A server behind that lies, stalls and breaks.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::{Scripted, World, observation};

#[actix_web::test]
async fn what_cannot_be_judged_is_502() {
    let world = World::new();
    let a = world.token("patient/*.rs", Some("a"));
    let patient = json!({ "resourceType": "Patient", "id": "a" });
    let fhir = "application/fhir+json";
    let packed = |text: &str| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(text.as_bytes()).unwrap();
        packed.finish().unwrap()
    };
    let bomb = packed(&" ".repeat(5_000_000));
    let cases = [
        ("another resource", Scripted::json(200, &json!({ "resourceType": "Patient", "id": "b" }))),
        ("another type", Scripted::json(200, &json!({ "resourceType": "patient", "id": "a" }))),
        (
            "a member twice",
            Scripted::text(200, fhir, r#"{"resourceType":"Patient","id":"a","id":"a"}"#),
        ),
        ("truncated", Scripted::text(200, fhir, r#"{"resourceType":"Patient","id":"a""#)),
        ("two documents", Scripted::text(200, fhir, r#"{"resourceType":"Patient","id":"a"}{}"#)),
        ("XML", Scripted::text(200, "application/fhir+xml", "<Patient/>")),
        ("a page", Scripted::text(200, "text/html", patient.to_string())),
        ("too long", Scripted::text(200, fhir, " ".repeat(300_000) + &patient.to_string())),
        ("a bomb", Scripted::text(200, fhir, bomb).with("content-encoding", "gzip")),
        ("no gzip", Scripted::text(200, fhir, "x").with("content-encoding", "gzip")),
        ("brotli", Scripted::text(200, fhir, "x").with("content-encoding", "br")),
        ("a redirect", Scripted::text(302, fhir, "").with("location", "http://127.0.0.1:1/")),
        ("not modified", Scripted::text(304, fhir, "")),
        ("its credential refused", Scripted::json(401, &json!({}))),
        ("forbidden", Scripted::json(403, &json!({}))),
        ("broken", Scripted::json(500, &json!({ "issue": [{ "diagnostics": "b has HIV" }] }))),
        ("no content", Scripted::text(204, fhir, "")),
    ];
    for (what, script) in cases {
        world.stub.script("Patient/a", script);
        let heard = world.ask(&a, "GET", "/Patient/a").await;
        assert_eq!(heard.status, 502, "{what}: {}", heard.text);
        assert_eq!(heard.json()["resourceType"], "OperationOutcome", "{what}");
        assert!(!heard.text.contains("HIV"), "{what}");
    }
    let good =
        Scripted::text(200, fhir, packed(&patient.to_string())).with("content-encoding", "gzip");
    world.stub.script("Patient/a", good);
    assert_eq!(world.ask(&a, "GET", "/Patient/a").await.status, 200, "gzip that nobody asked for");
}

#[actix_web::test]
async fn a_slow_server_is_504_and_a_busy_one_503() {
    let world = World::new();
    let a = world.token("patient/*.rs", Some("a"));
    let mut slow = Scripted::json(200, &json!({}));
    slow.millis = 2_000;
    world.stub.script("Patient/a", slow);
    let heard = world.ask(&a, "GET", "/Patient/a").await;
    assert_eq!((heard.status, &heard.json()["issue"][0]["code"]), (504, &"timeout".into()));
    world.stub.script("Patient/a", Scripted::json(429, &json!({})).with("retry-after", "7"));
    let heard = world.ask(&a, "GET", "/Patient/a").await;
    assert_eq!((heard.status, heard.header("retry-after")), (503, "7"));
}

#[actix_web::test]
async fn a_bundle_that_cannot_be_proven_is_refused_whole() {
    let world = World::new();
    let a = world.token("patient/*.rs", Some("a"));
    let entry = json!({ "resource": observation("a-1", "a") });
    let bundle = |kind: &str, link: Value, entry: Value| {
        Scripted::json(
            200,
            &json!({ "resourceType": "Bundle", "type": kind, "link": link, "entry": entry }),
        )
    };
    let foreign = |url: &str| json!([{ "relation": "next", "url": url }]);
    for (what, script) in [
        (
            "a page elsewhere",
            bundle("searchset", foreign("https://evil.example/r4?page=2"), json!([entry])),
        ),
        (
            "a page beside the base",
            bundle("searchset", foreign(&format!("{}x?page=2", world.stub.base())), json!([entry])),
        ),
        ("another kind of bundle", bundle("document", json!([]), json!([entry]))),
        ("an entry that is none", bundle("searchset", json!([]), json!([7]))),
        ("no bundle", Scripted::json(200, &observation("a-1", "a"))),
    ] {
        world.stub.script("Observation", script);
        let heard = world.ask(&a, "GET", "/Observation").await;
        assert_eq!((heard.status, heard.text.contains("a-1")), (502, false), "{what}");
    }
}

#[actix_web::test]
async fn a_server_that_does_not_narrow_is_not_read_for_ever() {
    let world = World::new();
    let next = json!([{ "relation": "next", "url": "?page=again" }]);
    let bundle = json!({ "resourceType": "Bundle", "type": "searchset", "link": next,
        "entry": [{ "resource": observation("b-1", "b") }] });
    world.stub.script("Observation", Scripted::json(200, &bundle));
    world.stub.script("?page=again", Scripted::json(200, &bundle));
    let a = world.token("patient/*.rs", Some("a"));
    let heard = world.ask(&a, "GET", "/Observation").await;
    assert_eq!((heard.status, heard.text.contains("b-1")), (502, false));
    assert_eq!(world.stub.requests().len(), 5);
}

#[actix_web::test]
async fn types_in_another_case_and_ids_that_are_none_do_not_leave() {
    let world = World::new();
    let a = world.token("patient/*.rs", Some("a"));
    let mut twisted = Vec::new();
    for kind in ["observation", "OBSERVATION", "Observation ", "Bundle", "Basic"] {
        let mut resource = observation("x", "a");
        resource["resourceType"] = kind.into();
        twisted.push(json!({ "resource": resource }));
    }
    for id in [json!("a/../b"), json!(""), json!(7), json!(null), json!("x".repeat(65))] {
        let mut resource = observation("x", "a");
        resource["id"] = id;
        twisted.push(json!({ "resource": resource }));
    }
    let contained = json!({ "resourceType": "Observation", "id": "c", "subject": { "reference": "#p" },
        "contained": [{ "resourceType": "Patient", "id": "p" }] });
    twisted.push(json!({ "resource": contained }));
    twisted.push(json!({ "resource": observation("good", "a") }));
    let bundle = json!({ "resourceType": "Bundle", "type": "searchset", "entry": twisted });
    world.stub.script("Observation", Scripted::json(200, &bundle));
    assert_eq!(world.ask(&a, "GET", "/Observation").await.ids(), ["good"]);
}

#[actix_web::test]
async fn an_id_of_dots_leads_nowhere() {
    let world = World::new();
    let anyone = world.anyone();
    let dots = json!({ "resourceType": "Observation", "id": "..", "status": "final" });
    for (method, target) in [
        ("GET", "/Observation/.."),
        ("GET", "/Observation/%2e%2e"),
        ("GET", "/Observation/."),
        ("GET", "/Patient/a/_history/.."),
        ("GET", "/Patient/../$everything"),
        ("DELETE", "/Observation/.."),
        ("PUT", "/Observation/.."),
    ] {
        let heard = world.write(&anyone, (method, target), &[], &dots).await;
        assert!(matches!(heard.status, 400 | 404), "{method} {target}: {}", heard.text);
    }
    let entry =
        json!({ "request": { "method": "PUT", "url": "Observation/.." }, "resource": dots });
    let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": [entry] });
    let heard = world.write(&anyone, ("POST", ""), &[], &bundle).await;
    assert!(matches!(heard.status, 400 | 404), "{}", heard.text);
    assert_eq!(world.stub.requests(), Vec::<String>::new());
}

#[actix_web::test]
async fn what_is_not_understood_here_is_not_asked_of_the_server_behind() {
    let world = World::new();
    let a = world.token("patient/*.rs", Some("a"));
    let theirs = ["secret-note=x", "x-owner.name=Beta", "x-owner:Patient.family=Beta", "_x=1"];
    let target = format!("/Observation?{}&status=final", theirs.join("&"));
    assert_eq!(world.ask(&a, "GET", &target).await.status, 200);
    let asked = world.stub.requests().join(" ");
    assert!(asked.contains("status=final") && asked.contains("patient="), "{asked}");
    for text in ["secret-note", "x-owner", "_x=", "Beta"] {
        assert!(!asked.contains(text), "{asked}");
    }
    for refused in ["_filter=subject.name eq x", "_query=mine", "_list=1", "_content=x"] {
        let target = format!("/Observation?{}", refused.replace(' ', "%20"));
        assert!(world.ask(&a, "GET", &target).await.status >= 400, "{refused}");
    }
}
