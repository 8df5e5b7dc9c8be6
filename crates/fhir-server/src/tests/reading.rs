//! Reading over HTTP: versions, conditions, history.

use super::{FHIR, World};

#[actix_web::test]
async fn a_read_gives_the_stored_text_with_its_version() {
    let world = World::new().await;
    let heard = world.ask(&world.anyone(), "GET", "/Patient/a").await;
    assert_eq!(heard.status, 200);
    assert_eq!(heard.text, super::TWO_PATIENTS.lines().next().unwrap());
    assert_eq!(heard.header("etag"), "W/\"1\"");
    assert_eq!(heard.header("last-modified"), "Thu, 01 Jan 2026 00:00:00 GMT");
    assert_eq!(heard.header("content-type"), "application/fhir+json; charset=utf-8");
    assert_eq!(heard.header("cache-control"), "no-store");
    assert_eq!(world.ask(&world.anyone(), "HEAD", "/Patient/a").await.status, 200);
}

#[actix_web::test]
async fn a_version_that_is_known_is_not_sent_again() {
    let world = World::new().await;
    let bearer = format!("Bearer {}", world.anyone());
    for (known, status) in [("W/\"1\"", 304), ("W/\"2\"", 200), ("*", 304), ("x", 400)] {
        let headers = [("Authorization", bearer.as_str()), ("If-None-Match", known)];
        assert_eq!(world.send("GET", "/Patient/a", &headers, "").await.status, status, "{known}");
    }
    // Who may not see the resource does not learn its version (D-39).
    let stranger = format!("Bearer {}", world.token("patient/*.r", Some("b")));
    let headers = [("Authorization", stranger.as_str()), ("If-None-Match", "W/\"1\"")];
    assert_eq!(world.send("GET", "/Patient/a", &headers, "").await.status, 404);
}

#[actix_web::test]
async fn sc_2_versions_and_history_need_r() {
    let world = World::new().await;
    let bearer = format!("Bearer {}", world.anyone());
    let resource = r#"{"resourceType":"Patient","id":"a","name":[{"family":"Gamma"}]}"#;
    let headers = [("Authorization", bearer.as_str()), FHIR];
    assert_eq!(world.send("PUT", "/Patient/a", &headers, resource).await.status, 200);
    assert_eq!(world.ask(&world.anyone(), "DELETE", "/Patient/a").await.status, 204);
    let reader = world.token("system/Patient.r", None);
    assert!(world.ask(&reader, "GET", "/Patient/a/_history/1").await.text.contains("Alpha"));
    let second = world.ask(&reader, "GET", "/Patient/a/_history/2").await;
    assert!(second.text.contains("Gamma") && second.header("etag") == "W/\"2\"");
    assert_eq!(world.ask(&reader, "GET", "/Patient/a/_history/3").await.status, 410);
    assert_eq!(world.ask(&reader, "GET", "/Patient/a/_history/4").await.status, 404);
    assert_eq!(world.ask(&reader, "GET", "/Patient/a/_history/x").await.status, 404);
    let history = world.ask(&reader, "GET", "/Patient/a/_history").await.json();
    assert_eq!((&history["type"], &history["total"]), (&"history".into(), &3.into()));
    let entries = history["entry"].as_array().unwrap();
    let methods: Vec<_> =
        entries.iter().map(|e| e["request"]["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["DELETE", "PUT", "PUT"]);
    assert_eq!(entries[0]["response"]["etag"], "W/\"3\"");
    assert!(entries[0].get("resource").is_none());
    let searcher = world.token("system/Patient.s", None);
    for target in ["/Patient/a", "/Patient/b", "/Patient/a/_history", "/Patient/a/_history/1"] {
        assert_eq!(world.ask(&searcher, "GET", target).await.status, 403, "{target}");
    }
    assert_eq!(world.ask(&reader, "GET", "/Patient").await.status, 403);
}

#[actix_web::test]
async fn a_deleted_resource_is_gone() {
    let world = World::new().await;
    let anyone = world.anyone();
    assert_eq!(world.ask(&anyone, "DELETE", "/Observation/a-sugar").await.status, 204);
    let gone = world.ask(&anyone, "GET", "/Observation/a-sugar").await;
    assert_eq!((gone.status, gone.issue().as_str()), (410, "deleted"));
    let b = world.token("patient/Observation.r", Some("b"));
    let hidden = world.ask(&b, "GET", "/Observation/a-sugar").await;
    assert_eq!((hidden.status, hidden.issue().as_str()), (404, "not-found"));
}

#[actix_web::test]
async fn a_read_gives_as_much_as_is_asked_for() {
    let world = World::new().await;
    let names = async |target: &str| {
        let heard = world.ask(&world.anyone(), "GET", target).await;
        assert_eq!((heard.status, heard.header("etag")), (200, "W/\"1\""), "{target}");
        let body = heard.json();
        let part = body["meta"]["tag"][0]["code"] == "SUBSETTED";
        (body.as_object().unwrap().contains_key("name"), part)
    };
    assert_eq!(names("/Patient/a").await, (true, false));
    assert_eq!(names("/Patient/a?_summary=false").await, (true, false));
    assert_eq!(names("/Patient/a?_summary=true").await, (true, true));
    assert_eq!(names("/Patient/a?_summary=text").await, (false, true));
    assert_eq!(names("/Patient/a?_elements=name").await, (true, true));
    assert_eq!(names("/Patient/a/_history/1?_elements=gender").await, (false, true));
    // What cannot be read shapes nothing.
    assert_eq!(names("/Patient/a?_elements=a.b").await, (true, false));
}
