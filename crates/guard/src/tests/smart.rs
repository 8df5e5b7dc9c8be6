use serde_json::{Value, json};

use super::{BASE, ISSUER, World};

const PATH: &str = "/.well-known/smart-configuration";

fn document(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "capabilities": ["launch-ehr"],
    })
}

#[actix_web::test]
async fn cf_1_the_issuers_document_is_republished_to_anybody() {
    let world = World::new();
    world.publish(PATH, &document(ISSUER));
    let heard = world.get(PATH, &[]).await;
    assert_eq!((heard.status, &heard.body), (200, &document(ISSUER)));
    assert_eq!(heard.header("cache-control"), "public, max-age=300");
    let asked = world.published.asked.lock().unwrap().clone();
    assert_eq!(asked, [format!("{PATH}?aud=https%3A%2F%2Ffhir.example%2Ffhir")]);
    assert!(BASE.ends_with("fhir.example/fhir"));
}

#[actix_web::test]
async fn cf_2_it_is_json_whatever_is_asked_for() {
    let world = World::new();
    world.publish(PATH, &document(ISSUER));
    for accept in ["application/fhir+json", "text/html", "*/*"] {
        let heard = world.get(PATH, &[("Accept", accept)]).await;
        assert_eq!(heard.header("content-type"), "application/json", "{accept}");
    }
    assert_eq!(world.asked_for(PATH), 1);
}

#[actix_web::test]
async fn what_is_not_this_issuers_document_is_not_republished() {
    for wrong in [document("https://evil.example"), json!({ "issuer": ISSUER }), json!("x")] {
        let world = World::new();
        world.publish(PATH, &wrong);
        let heard = world.get(PATH, &[]).await;
        assert_eq!(heard.status, 503);
        assert_eq!(heard.body["resourceType"], "OperationOutcome");
    }
}

#[actix_web::test]
async fn the_last_good_document_serves_while_the_issuer_is_away() {
    let world = World::new();
    world.publish(PATH, &document(ISSUER));
    world.get(PATH, &[]).await;
    world.withdraw();
    world.pass(301);
    let heard = world.get(PATH, &[]).await;
    assert_eq!((heard.status, heard.header("cache-control")), (200, "public, max-age=5"));
}
