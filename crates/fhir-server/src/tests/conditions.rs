//! Conditional interactions, patches and validation over HTTP.

use serde_json::{Value, json};

use super::{BASE, FHIR, Heard, World};

const JSON_PATCH: (&str, &str) = ("Content-Type", "application/json-patch+json");

fn patient(family: &str) -> Value {
    json!({ "resourceType": "Patient", "name": [{ "family": family }] })
}

async fn send(
    world: &World,
    (method, target): (&str, &str),
    headers: &[(&str, &str)],
    body: &Value,
) -> Heard {
    let bearer = format!("Bearer {}", world.anyone());
    let mut all = vec![("Authorization", bearer.as_str())];
    all.extend_from_slice(headers);
    world.send(method, target, &all, body.to_string()).await
}

#[actix_web::test]
async fn a_conditional_create_makes_one_or_shows_the_one_that_is_there() {
    let world = World::new().await;
    let create = async |criteria: &str| {
        world.write("POST", "/Patient", &[("If-None-Exist", criteria)], &patient("New")).await
    };
    let made = create("family=new").await;
    assert_eq!(made.status, 201, "{made:?}");
    let again = create("family=new").await;
    assert_eq!((again.status, again.header("location")), (200, made.header("location")));
    assert_eq!(again.json()["id"], made.json()["id"]);
    let several = create("_id=a,b").await;
    assert_eq!((several.status, several.issue().as_str()), (412, "multiple-matches"));
    assert_eq!(create("").await.status, 412, "without criteria, all would meet them");
    assert_eq!(create("colour=blue").await.status, 400);
}

#[actix_web::test]
async fn conditional_updates_patches_and_deletions_are_about_one() {
    let world = World::new().await;
    let made = world.write("PUT", "/Patient?family=new", &[], &patient("New")).await;
    assert_eq!((made.status, made.header("etag")), (201, "W/\"1\""));
    let changed = world.write("PUT", "/Patient?family=new", &[], &patient("New")).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "W/\"2\""));
    assert_eq!(world.write("PUT", "/Patient?_id=a,b", &[], &patient("New")).await.status, 412);
    let mut named = patient("New");
    named["id"] = "other".into();
    assert_eq!(world.write("PUT", "/Patient?family=new", &[], &named).await.status, 400);
    let patch = json!([{ "op": "add", "path": "/active", "value": true }]);
    let patched = send(&world, ("PATCH", "/Patient?family=new"), &[JSON_PATCH], &patch).await;
    assert_eq!((patched.status, &patched.json()["active"]), (200, &json!(true)));
    let several = send(&world, ("DELETE", "/Patient?_id=a,b"), &[], &Value::Null).await;
    assert_eq!(several.status, 412);
    for _ in 0..2 {
        let deleted = send(&world, ("DELETE", "/Patient?family=new"), &[], &Value::Null).await;
        assert_eq!(deleted.status, 204);
    }
    assert_eq!(world.ask(&world.anyone(), "GET", "/Patient").await.ids(), ["a", "b"]);
}

#[actix_web::test]
async fn both_kinds_of_patch_are_done_and_others_refused() {
    let world = World::new().await;
    let json_patch = json!([{ "op": "add", "path": "/birthDate", "value": "1980-01-01" }]);
    let patched = send(&world, ("PATCH", "/Patient/a"), &[JSON_PATCH], &json_patch).await;
    assert_eq!((patched.status, patched.header("etag")), (200, "W/\"2\""));
    let parameters = json!({ "resourceType": "Parameters", "parameter": [{ "name": "operation", "part": [
        { "name": "type", "valueCode": "replace" }, { "name": "path", "valueString": "Patient.birthDate" },
        { "name": "value", "valueDate": "1981-01-01" } ] }] });
    let patched = send(&world, ("PATCH", "/Patient/a"), &[FHIR], &parameters).await;
    assert_eq!((patched.status, &patched.json()["birthDate"]), (200, &json!("1981-01-01")));
    let unfit = json!([{ "op": "test", "path": "/birthDate", "value": "1980-01-01" }]);
    let unfit = send(&world, ("PATCH", "/Patient/a"), &[JSON_PATCH], &unfit).await;
    assert_eq!((unfit.status, unfit.issue().as_str()), (422, "processing"));
    let malformed = json!([{ "op": "add", "path": "/gender", "value": "blue" }]);
    let malformed = send(&world, ("PATCH", "/Patient/a"), &[JSON_PATCH], &malformed).await;
    assert_eq!(malformed.status, 422);
    assert_eq!(malformed.json()["issue"][0]["expression"][0], "Patient.gender");
    let stale = [JSON_PATCH, ("If-Match", "W/\"1\"")];
    assert_eq!(send(&world, ("PATCH", "/Patient/a"), &stale, &json_patch).await.status, 412);
    let xml = [("Content-Type", "application/xml-patch+xml")];
    assert_eq!(send(&world, ("PATCH", "/Patient/a"), &xml, &json_patch).await.status, 415);
    assert_eq!(send(&world, ("PATCH", "/Patient/c"), &[JSON_PATCH], &json_patch).await.status, 404);
    assert_eq!(send(&world, ("PATCH", "/Patient/a"), &[JSON_PATCH], &json!({})).await.status, 400);
}

#[actix_web::test]
async fn what_is_written_is_built_as_r4_says() {
    let world = World::new().await;
    let wrong = json!({ "resourceType": "Patient", "colour": "blue", "gender": "blue",
        "birthDate": "1.1.1980", "contact": [{ "name": "x" }] });
    let refused = world.write("POST", "/Patient", &[], &wrong).await;
    assert_eq!(refused.status, 400);
    let told = world.write("POST", "/Patient/$validate", &[], &wrong).await;
    assert_eq!(told.status, 200);
    for outcome in [refused.json(), told.json()] {
        let issues = outcome["issue"].as_array().cloned().unwrap_or_default();
        let places: Vec<_> = issues.iter().map(|issue| issue["expression"][0].clone()).collect();
        assert_eq!(
            places,
            ["Patient.birthDate", "Patient.colour", "Patient.contact[0].name", "Patient.gender"]
        );
    }
    let parameters = json!({ "resourceType": "Parameters",
        "parameter": [{ "name": "resource", "resource": patient("New") }] });
    for fine in [patient("New"), parameters] {
        let told = world.write("POST", "/Patient/$validate", &[], &fine).await;
        assert_eq!(told.json()["issue"][0]["severity"], "information");
    }
    assert_eq!(world.ask(&world.anyone(), "GET", "/Patient").await.ids(), ["a", "b"]);
}

#[actix_web::test]
async fn reads_are_conditional_and_changes_may_have_to_be() {
    let world = World::new().await;
    let read = world.ask(&world.anyone(), "GET", "/Patient/a").await;
    let (etag, modified) = (read.header("etag"), read.header("last-modified"));
    let asked = async |condition: (&'static str, &str)| {
        send(&world, ("GET", "/Patient/a"), &[condition], &Value::Null).await.status
    };
    assert_eq!(asked(("If-None-Match", etag)).await, 304);
    assert_eq!(asked(("If-None-Match", "W/\"7\"")).await, 200);
    assert_eq!(asked(("If-Modified-Since", modified)).await, 304);
    assert_eq!(asked(("If-Modified-Since", "Sat, 01 Jan 2000 00:00:00 GMT")).await, 200);
    let mut world = world;
    let server = (**world.server).clone().demanding_versions(true);
    world.server = actix_web::web::Data::new(server);
    let mut body = patient("A");
    body["id"] = "a".into();
    let blind = world.write("PUT", "/Patient/a", &[], &body).await;
    assert_eq!((blind.status, blind.issue().as_str()), (428, "required"));
    let seeing = world.write("PUT", "/Patient/a", &[("If-Match", "W/\"1\"")], &body).await;
    assert_eq!(seeing.status, 200);
}

#[actix_web::test]
async fn histories_are_paged_and_begin_with_the_newest() {
    let world = World::new().await;
    let mut body = patient("A");
    body["id"] = "a".into();
    for _ in 0..3 {
        assert_eq!(world.write("PUT", "/Patient/a", &[], &body).await.status, 200);
    }
    assert_eq!(send(&world, ("DELETE", "/Patient/a"), &[], &Value::Null).await.status, 204);
    let whole = world.ask(&world.anyone(), "GET", "/Patient/a/_history").await.json();
    assert_eq!((&whole["type"], &whole["total"]), (&json!("history"), &json!(5)));
    let newest = &whole["entry"][0];
    assert_eq!((&newest["request"]["method"], newest.get("resource")), (&json!("DELETE"), None));
    let mut target = "/Patient/_history?_count=4".to_owned();
    let mut count = 0;
    loop {
        let page = world.ask(&world.anyone(), "GET", &target).await;
        assert_eq!(page.status, 200);
        count += page.json()["entry"].as_array().map_or(0, Vec::len);
        let Some(next) = page.link("next") else { break };
        target = next.strip_prefix(BASE).expect("below the base").to_owned();
    }
    let other = world.token("system/*.cruds", Some("b"));
    assert_eq!(world.ask(&other, "GET", &target).await.status, 400, "a link of somebody else");
    let (path, mark) = target.split_once('?').unwrap();
    assert_eq!(path, "/Patient/_history");
    for forged in [format!("/_history?{mark}"), format!("{path}?_page=MX4xflBhdGllbnR-YQ")] {
        assert_eq!(world.ask(&world.anyone(), "GET", &forged).await.status, 400, "{forged}");
    }
    let entry = json!({ "request": { "method": "GET", "url": "Patient/_history?_page=MX4xflBhdGllbnR-YQ" } });
    let batch = json!({ "resourceType": "Bundle", "type": "batch", "entry": [entry] });
    let heard = world.write("POST", "/", &[], &batch).await.json();
    assert_eq!(heard["entry"][0]["response"]["status"], "400");
    // Two that were loaded, three changes and a deletion.
    assert_eq!(count, 6);
    assert_eq!(world.ask(&world.anyone(), "GET", "/_history").await.status, 200);
    assert_eq!(
        world.ask(&world.anyone(), "GET", "/Patient/_history?colour=blue").await.status,
        400
    );
}

#[actix_web::test]
async fn answers_for_eyes_have_lines() {
    let world = World::new().await;
    let plain = world.ask(&world.anyone(), "GET", "/Patient/a").await;
    let pretty = world.ask(&world.anyone(), "GET", "/Patient/a?_pretty=true").await;
    assert_eq!(pretty.json(), plain.json());
    assert!(pretty.text.lines().count() > 5 && pretty.header("etag") == plain.header("etag"));
}
