use serde_json::json;

use super::{BASE, World, claims, with};

const METADATA: &str = "https://fhir.example/.well-known/oauth-protected-resource/fhir";

#[actix_web::test]
async fn row_005_al_26_without_a_token_the_answer_is_401_and_a_bare_challenge() {
    let world = World::new();
    let heard = world.get("/Observation", &[]).await;
    assert_eq!(heard.status, 401);
    let common = format!("realm=\"{BASE}\", resource_metadata=\"{METADATA}\"");
    let algs = "algs=\"ES256 ES384 EdDSA PS256\"";
    let challenges = [format!("Bearer {common}"), format!("DPoP {common}, {algs}")];
    assert_eq!(heard.all("www-authenticate"), challenges);
    assert_eq!(heard.header("content-type"), "application/fhir+json");
    assert_eq!(heard.header("cache-control"), "no-store");
    assert_eq!(heard.header("x-request-id"), "r-1");
    assert_eq!(heard.body["resourceType"], "OperationOutcome");
    assert_eq!(heard.body["issue"][0]["code"], "login");
    let said = heard.body["issue"][0]["diagnostics"].as_str().unwrap();
    assert!(said.contains("access token") && said.contains("r-1"), "{said}");
}

#[actix_web::test]
async fn al_26_a_scope_that_does_not_suffice_is_403_and_the_missing_one_is_named() {
    let world = World::new();
    let token = world.token(&with("scope", json!("patient/Condition.rs")));
    let heard = world.get_with(&token).await;
    assert_eq!(heard.status, 403);
    let challenge = heard.header("www-authenticate");
    assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
    assert!(challenge.contains("scope=\"patient/Observation.s\""), "{challenge}");
    assert_eq!(heard.body["issue"][0]["code"], "forbidden");
    assert!(
        heard.body["issue"][0]["diagnostics"].as_str().unwrap().contains("patient/Observation.s")
    );
}

#[actix_web::test]
async fn al_26_a_patient_scope_without_a_patient_opens_nothing() {
    let world = World::new();
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove("patient");
    assert_eq!(world.get_with(&world.token(&claims)).await.status, 403);
}

#[actix_web::test]
async fn i4_a_token_in_the_query_is_400_even_beside_a_good_one() {
    let world = World::new();
    let token = world.token(&claims());
    let bearer = format!("Bearer {token}");
    for headers in [&[][..], &[("Authorization", bearer.as_str())]] {
        let heard = world.get(&format!("/Observation?access_token={token}"), headers).await;
        assert_eq!(heard.status, 400);
        assert!(heard.header("www-authenticate").contains("error=\"invalid_request\""));
        assert!(!heard.body.to_string().contains(&token));
    }
}

#[actix_web::test]
async fn d_43_two_authorization_lines_are_400() {
    let world = World::new();
    let bearer = format!("Bearer {}", world.token(&claims()));
    let lines = [("Authorization", bearer.as_str()), ("Authorization", "Basic YTpi")];
    assert_eq!(world.get("/Observation", &lines).await.status, 400);
}

#[actix_web::test]
async fn o1_no_answer_repeats_the_token() {
    let world = World::new();
    let token = world.token(&with("iss", json!("https://evil.example")));
    let heard = world.get_with(&token).await;
    let said = format!("{:?} {}", heard.headers, heard.body);
    assert!(!said.contains(&token) && !said.contains("evil"), "{said}");
}
