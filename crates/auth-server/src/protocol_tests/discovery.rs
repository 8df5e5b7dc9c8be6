use actix_web::test::TestRequest;
use serde_json::Value;

use super::{World, wire::name, world::FHIR};

const OIDC: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";

#[actix_web::test]
async fn oc_5_01_both_documents_are_one_and_the_issuer_is_its_own() {
    let world = World::new().await;
    let (oidc, oauth) = (world.get(OIDC).await, world.get(OAUTH).await);
    assert_eq!(oidc.json(), oauth.json());
    assert_eq!(oidc.json()["issuer"], "http://localhost:8080");
    assert!(oidc.header("cache-control").unwrap().starts_with("public"), "H5");
    assert_eq!(oidc.header("access-control-allow-origin"), Some("*"));
}

#[actix_web::test]
async fn h1_the_host_header_changes_nothing() {
    let world = World::new().await;
    let forged = TestRequest::get()
        .uri(OIDC)
        .insert_header((name("host"), "evil.example"))
        .insert_header((name("x-forwarded-host"), "evil.example"));
    assert!(!world.call(forged).await.body.contains("evil"));
}

#[actix_web::test]
async fn cf_2_json_whatever_is_asked_for() {
    let world = World::new().await;
    let path = format!("/.well-known/smart-configuration?aud={FHIR}");
    for accept in ["application/fhir+json", "text/html", "image/png"] {
        let asked = TestRequest::get().uri(&path).insert_header((name("accept"), accept));
        let answer = world.call(asked).await;
        assert!(answer.header("content-type").unwrap().starts_with("application/json"));
    }
}

#[actix_web::test]
async fn cf_3_cf_4_every_endpoint_that_is_listed_is_absolute_and_is_there() {
    let world = World::new().await;
    let document = world.get(&format!("/.well-known/smart-configuration?aud={FHIR}/")).await.json();
    let listed = world.get(OIDC).await.json();
    for (name, value) in listed.as_object().unwrap().iter().chain(document.as_object().unwrap()) {
        let endpoint = name.ends_with("_endpoint") || name == "jwks_uri";
        // The portal and the pages are another's to serve.
        let elsewhere = ["authorization_endpoint", "end_session_endpoint", "management_endpoint"];
        if endpoint && !elsewhere.contains(&name.as_str()) {
            let url = value.as_str().unwrap();
            let path = url.strip_prefix("http://localhost:8080").unwrap_or_else(|| panic!("{url}"));
            assert_ne!(world.get(path).await.status, 404, "{name}");
        }
    }
    let has = |member: &str, value: &str| {
        document[member].as_array().unwrap().contains(&Value::from(value))
    };
    assert!(
        has("code_challenge_methods_supported", "S256")
            && !has("code_challenge_methods_supported", "plain")
    );
    for capability in ["launch-ehr", "context-style", "permission-v1", "permission-v2"] {
        assert!(has("capabilities", capability), "D-27 {capability}");
    }
    for alg in ["RS384", "ES384"] {
        assert!(has("token_endpoint_auth_signing_alg_values_supported", alg), "CA-1");
    }
}

#[actix_web::test]
async fn d_28_the_smart_configuration_is_of_a_registered_fhir_base() {
    let world = World::new().await;
    let other = world.get("/.well-known/smart-configuration?aud=https://other.example").await;
    assert_eq!(other.refusal(), "404 invalid_request");
}

#[actix_web::test]
async fn oc_5_01_an_issuer_with_a_path_is_found_both_ways() {
    let world = World::at("http://localhost:8080/org/one").await;
    for path in [
        "/org/one/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/org/one",
        "/.well-known/openid-configuration/org/one",
    ] {
        let answer = world.get(path).await;
        assert_eq!(
            answer.json()["token_endpoint"],
            "http://localhost:8080/org/one/token",
            "{path}"
        );
    }
    assert_eq!(world.get(OIDC).await.status, 404);
}
