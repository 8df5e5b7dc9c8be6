//! Writing over HTTP: creations, versions, and what a token may not write.

use serde_json::{Value, json};

use super::{BASE, FHIR, World};

fn patient(id: &str, family: &str) -> Value {
    json!({ "resourceType": "Patient", "id": id, "name": [{ "family": family }] })
}

#[actix_web::test]
async fn a_created_resource_gets_an_id_and_a_place() {
    let world = World::new().await;
    let heard = world.write("POST", "/Patient", &[], &patient("chosen", "Gamma")).await;
    assert_eq!(heard.status, 201);
    let id = heard.json()["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("new-"), "the id of a creation is the server's");
    assert_eq!(heard.header("location"), format!("{BASE}/Patient/{id}/_history/1"));
    assert_eq!(
        (heard.header("etag"), &heard.json()["meta"]["versionId"]),
        ("W/\"1\"", &"1".into())
    );
    let read = world.ask(&world.anyone(), "GET", &format!("/Patient/{id}")).await;
    assert_eq!(read.text, heard.text);
}

#[actix_web::test]
async fn the_answer_to_a_write_is_as_long_as_is_preferred() {
    let world = World::new().await;
    for (prefer, begins) in [
        ("return=minimal", ""),
        ("return=representation", r#"{"resourceType":"Patient""#),
        ("return=OperationOutcome", r#"{"issue""#),
    ] {
        let heard =
            world.write("PUT", "/Patient/a", &[("Prefer", prefer)], &patient("a", "A")).await;
        assert_eq!(heard.status, 200);
        assert!(
            heard.text.starts_with(begins) && heard.text.is_empty() == begins.is_empty(),
            "{prefer}"
        );
        assert!(heard.header("location").starts_with(BASE));
    }
}

#[actix_web::test]
async fn an_update_of_an_old_version_is_refused() {
    let world = World::new().await;
    let update = async |condition: (&'static str, &'static str)| {
        world.write("PUT", "/Patient/a", &[condition], &patient("a", "Gamma")).await
    };
    assert_eq!(update(("If-Match", "W/\"1\"")).await.status, 200);
    let late = update(("If-Match", "W/\"1\"")).await;
    assert_eq!((late.status, late.issue().as_str()), (412, "conflict"));
    assert_eq!(update(("If-None-Match", "*")).await.status, 412);
    assert_eq!(update(("If-Match", "nonsense")).await.status, 400);
    assert_eq!(update(("If-Match", "*")).await.header("etag"), "W/\"3\"");
    let absent =
        world.write("PUT", "/Patient/c", &[("If-Match", "W/\"1\"")], &patient("c", "C")).await;
    assert_eq!(absent.status, 412);
    let new = world.write("PUT", "/Patient/c", &[("If-None-Match", "*")], &patient("c", "C")).await;
    assert_eq!((new.status, new.header("etag")), (201, "W/\"1\""));
    let bearer = format!("Bearer {}", world.anyone());
    let headers = [("Authorization", bearer.as_str()), ("If-Match", "W/\"1\"")];
    assert_eq!(world.send("DELETE", "/Patient/a", &headers, "").await.status, 412);
}

#[actix_web::test]
async fn a_body_that_is_no_such_resource_is_refused() {
    let world = World::new().await;
    let bearer = format!("Bearer {}", world.anyone());
    let put = async |kind: &'static str, body: String| {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind)];
        world.send("PUT", "/Patient/a", &headers, body).await
    };
    for body in [
        "{".to_owned(),
        "[]".to_owned(),
        patient("b", "B").to_string(),
        json!({ "resourceType": "Observation", "id": "a" }).to_string(),
        json!({ "resourceType": "Patient" }).to_string(),
        json!({ "resourceType": "Patient", "id": "a", "meta": "x" }).to_string(),
        format!("{}{}", "[".repeat(1_000), "]".repeat(1_000)),
    ] {
        let heard = put(FHIR.1, body).await;
        assert_eq!((heard.status, heard.issue().as_str()), (400, "structure"));
    }
    assert_eq!(put("application/fhir+xml", "<Patient/>".into()).await.status, 415);
    let large = put(FHIR.1, " ".repeat(2 * 1024 * 1024 + 1)).await;
    assert_eq!((large.status, large.issue().as_str()), (413, "too-long"));
}

#[actix_web::test]
async fn d_40_what_is_written_stays_in_the_record() {
    let world = World::new().await;
    let bearer = format!("Bearer {}", world.token("patient/Observation.cud", Some("a")));
    let send = async |method: &'static str, target: &'static str, subject: &'static str| {
        let id = target.rsplit('/').next();
        let body = json!({ "resourceType": "Observation", "id": id, "status": "final",
            "code": { "text": "x" }, "subject": { "reference": subject } });
        let headers = [("Authorization", bearer.as_str()), FHIR];
        world.send(method, target, &headers, body.to_string()).await.status
    };
    assert_eq!(send("POST", "/Observation", "Patient/a").await, 201);
    assert_eq!(send("POST", "/Observation", "https://fhir.example/fhir/Patient/a").await, 201);
    assert_eq!(send("POST", "/Observation", "Patient/b").await, 403);
    assert_eq!(send("POST", "/Observation", "https://fhir.example/fhir/Patient/b").await, 403);
    assert_eq!(send("PUT", "/Observation/a-sugar", "Patient/b").await, 403);
    assert_eq!(send("PUT", "/Observation/b-sugar", "Patient/a").await, 404);
    assert_eq!(send("DELETE", "/Observation/b-sugar", "Patient/a").await, 404);
    assert_eq!(send("DELETE", "/Observation/a-sugar", "Patient/a").await, 204);
    // To write is not to read (SC-2).
    assert_eq!(send("GET", "/Observation/a-weight", "Patient/a").await, 403);
}

#[actix_web::test]
async fn what_is_not_supported_is_not_done() {
    let world = World::new().await;
    for (method, target) in [
        ("GET", ""),
        ("POST", "/Patient/a/$merge"),
        ("POST", "/Patient/$validate?profile=http://p"),
    ] {
        let heard = world.write(method, target, &[], &patient("a", "A")).await;
        assert_eq!(
            (heard.status, heard.issue().as_str()),
            (501, "not-supported"),
            "{method} {target}"
        );
    }
    assert_eq!(world.ask(&world.anyone(), "GET", "/Patient").await.ids(), ["a", "b"]);
}
