//! Links to further pages and to exports: for one grant, and unalterable.

use serde_json::{Value, json};

use super::{BASE, BROKEN_OFF, Scripted, World, observation};

#[actix_web::test]
async fn a_link_to_a_page_is_for_its_search_and_its_grant_alone() {
    let world = World::new();
    let base = world.stub.base();
    let page = |id: &str, next: Value| {
        Scripted::json(
            200,
            &json!({ "resourceType": "Bundle", "type": "searchset", "link": next,
            "entry": [{ "resource": observation(id, "a") }] }),
        )
    };
    let next = json!([{ "relation": "next", "url": format!("{base}?token=secret") }]);
    world.stub.script("Observation", page("one", next));
    world.stub.script("?token=secret", page("two", json!([])));
    let a = world.token("patient/Observation.rs", Some("a"));
    let first = world.ask(&a, "GET", "/Observation?_count=1&status=final").await;
    let next = first.link("next").unwrap();
    assert!(
        next.starts_with(&format!("{BASE}/Observation?_count=1&status=final&_page=")),
        "{next}"
    );
    assert!(!next.contains("secret"));
    assert_eq!(world.ask(&a, "GET", &next).await.ids(), ["two"]);
    // The same grant with fewer scopes hears less, another patient's nothing.
    let type_less = world.token("patient/Patient.rs", Some("a"));
    assert_eq!(world.ask(&type_less, "GET", &next).await.status, 403);
    let b = world.token("patient/Observation.rs", Some("b"));
    assert_eq!(world.ask(&b, "GET", &next).await.status, 400);
    assert_eq!(world.send("GET", &next, &[], "").await.status, 401);
    for other in [
        next.replace("status=final", "status=amended"),
        next.replace("/Observation?", "/Condition?"),
        format!("{next}A"),
        format!("{BASE}/Observation?_page=x"),
    ] {
        let heard = world.ask(&world.token("patient/*.rs", Some("a")), "GET", &other).await;
        assert_eq!(heard.status, 400, "{other}");
    }
}

#[actix_web::test]
async fn d_44_an_export_goes_through_sealed_links_line_by_line() {
    let world = World::new();
    let base = world.stub.base();
    let backend = world.token("system/*.rs", None);
    let bearer = format!("Bearer {backend}");
    let kick_off = [("Authorization", bearer.as_str()), ("Prefer", "respond-async")];
    world.stub.script(
        "$export",
        Scripted::json(202, &json!({})).with("content-location", &format!("{base}/jobs/7")),
    );
    assert_eq!(
        world.ask(&backend, "GET", "/$export").await.status,
        400,
        "not asked to be asynchronous"
    );
    let begun = world.send("GET", "/$export?_type=Observation", &kick_off, "").await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    let status = begun.header("content-location").to_owned();
    assert!(status.starts_with(&format!("{BASE}/exports/")) && !status.contains("jobs"));
    world.stub.script(
        "jobs/7",
        Scripted::json(202, &json!({})).with("x-progress", "12 of b's resources"),
    );
    let running = world.ask(&backend, "GET", &status).await;
    assert_eq!((running.status, running.header("x-progress")), (202, ""));
    let file = |kind: &str, url: String| json!({ "type": kind, "url": url, "count": 3 });
    let manifest = json!({ "transactionTime": "2026-11-01T00:00:00Z", "request": format!("{base}/$export"),
        "output": [file("Observation", format!("{base}/files/1")), file("Patient", format!("{base}/files/2")),
                   file("Claim", format!("{base}/files/3"))],
        "deleted": [file("Bundle", format!("{base}/files/4"))], "error": [] });
    world.stub.script("jobs/7", Scripted::json(200, &manifest));
    let done = world.ask(&backend, "GET", &status).await;
    assert!(!done.text.contains(&base), "{}", done.text);
    let output = done.json()["output"].as_array().cloned().unwrap();
    assert_eq!((output.len(), output[0].get("count")), (2, None));
    let narrow = world.token("system/Observation.rs?status=final", None);
    let lines = format!(
        "{}\n{}\n\n{}",
        observation("1", "a"),
        json!({ "resourceType": "Patient", "id": "p" }),
        json!({ "resourceType": "Observation", "id": "2", "status": "amended" })
    );
    world.stub.script("files/1", Scripted::text(200, "application/fhir+ndjson", lines));
    let url = output[0]["url"].as_str().unwrap();
    assert_eq!(
        world.ask(&backend, "GET", url).await.text.lines().count(),
        2,
        "not of another type"
    );
    let narrowed = world.ask(&narrow, "GET", url).await;
    assert_eq!(narrowed.text.lines().count(), 1, "{}", narrowed.text);
    world.stub.script(
        "files/1",
        Scripted::text(200, "application/fhir+ndjson", "{\"resourceType\":\"Obs"),
    );
    assert_eq!(world.ask(&backend, "GET", url).await.text, BROKEN_OFF);
    let patient = world.token("patient/*.rs", Some("a"));
    assert_eq!(world.ask(&patient, "GET", url).await.status, 404);
    assert_eq!(world.send("GET", url, &[], "").await.status, 401);
    assert_eq!(world.ask(&patient, "DELETE", &status).await.status, 404);
    assert_eq!(world.ask(&backend, "DELETE", &status).await.status, 202);
}
