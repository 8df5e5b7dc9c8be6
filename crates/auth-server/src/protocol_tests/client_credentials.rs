use serde_json::json;

use super::{Answer, World, claims, wire::As, world::SECRET};

pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(super) async fn for_itself(world: &World, client: &str, scope: &str) -> Answer {
    let assertion = world.assertion(client, &json!({}));
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", scope),
        ("client_assertion_type", TYPE),
        ("client_assertion", &assertion),
    ];
    world.token(&form).await
}

#[actix_web::test]
async fn bs_1_bs_5_a_backend_gets_a_short_token_and_no_refresh_token() {
    let world = World::new().await;
    let answer = for_itself(&world, "backend", "system/Patient.rs").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let json = answer.json();
    assert!(json["token_type"].as_str().unwrap().eq_ignore_ascii_case("bearer"));
    assert!(json["expires_in"].as_i64().unwrap() <= 300);
    assert_eq!(json["scope"], "system/Patient.rs");
    assert!(json.get("refresh_token").is_none() && json.get("id_token").is_none());
    let claims = claims(&answer.text("access_token"));
    assert_eq!(claims["sub"], "backend");
    assert_eq!(claims["aud"], "http://localhost:8081/fhir");
    assert!(claims.get("grant_id").is_none());
}

#[actix_web::test]
async fn bs_3_bs_6_m7_scopes_beyond_the_registered_ones_fail_the_request() {
    let world = World::new().await;
    let cases = [
        "system/Patient.cruds",
        "user/Patient.rs",
        "patient/Patient.rs",
        "openid",
        "",
        "x",
        "system/Patient.rs system/Patient.c",
    ];
    for scope in cases {
        assert_eq!(
            for_itself(&world, "backend", scope).await.refusal(),
            "400 invalid_scope",
            "{scope}"
        );
    }
}

/// A FHIR server that is shown a token must not be able to play it at the issuer's own endpoints.
#[actix_web::test]
async fn k7_what_opens_the_issuer_is_for_no_fhir_server() {
    const LAUNCHES: &str = "https://fireward.dev/scopes/launch-contexts";
    let world = World::new().await;
    let at_once = for_itself(&world, "both", &format!("system/*.rs {LAUNCHES}")).await;
    assert_eq!(at_once.refusal(), "400 invalid_scope");
    let own = for_itself(&world, "both", LAUNCHES).await;
    assert_eq!(claims(&own.text("access_token"))["aud"], "http://localhost:8080");
    let assertion = world.assertion("both", &json!({}));
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", LAUNCHES),
        ("resource", "http://localhost:8081/fhir"),
        ("client_assertion_type", TYPE),
        ("client_assertion", &assertion),
    ];
    assert_eq!(world.token(&form).await.refusal(), "400 invalid_target");
}

#[actix_web::test]
async fn oc_21_01_resource_names_the_server_or_is_refused() {
    let world = World::new().await;
    let assertion = world.assertion("backend", &json!({}));
    let form = |resource| {
        [
            ("grant_type", "client_credentials"),
            ("scope", "system/Patient.rs"),
            ("resource", resource),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion.as_str()),
        ]
    };
    let other = world.token(&form("https://other.example/fhir")).await;
    assert_eq!(other.refusal(), "400 invalid_target");
}

#[actix_web::test]
async fn t8_a_client_that_is_not_registered_for_it_cannot_act_for_itself() {
    let world = World::new().await;
    let form =
        [("grant_type", "client_credentials"), ("client_id", "app"), ("scope", "patient/*.rs")];
    assert_eq!(world.token(&form).await.refusal(), "400 unauthorized_client");
}

#[actix_web::test]
async fn a_token_for_no_fhir_server_is_for_the_issuer() {
    let world = World::new().await;
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "https://fireward.dev/scopes/introspection"),
    ];
    let answer = world.post("/token", As::Basic("watcher", SECRET), &form).await;
    assert_eq!(claims(&answer.text("access_token"))["aud"], "http://localhost:8080");
}

#[actix_web::test]
async fn sc_11_a_bound_backend_has_its_group_in_the_token_and_in_introspection() {
    let world = World::new().await;
    let key = world.new_key("k");
    let bound = |group: &str| {
        json!({
            "client_id": "backend", "grant_types": ["client_credentials"], "scope": "system/*.rs",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": { "keys": [key.public_jwk().to_json()] }, "fireward_group": group,
        })
    };
    world.import(bound("Group/g")).await;
    let token = async |more: &[(&str, &str)]| {
        let assertion = world.assertion_by(&key, "backend", &json!({}));
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "system/Patient.rs"),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        world.token(&[&form[..], more].concat()).await.text("access_token")
    };
    let access = token(&[]).await;
    assert_eq!(claims(&access)["fireward_group"], "Group/g");
    let told = world.post("/introspect", As::Basic("watcher", SECRET), &[("token", &access)]).await;
    assert_eq!(told.json()["fireward_group"], "Group/g", "{told:?}");
    // Nothing in a request moves the bound.
    assert_eq!(claims(&token(&[("fireward_group", "Group/h")]).await)["fireward_group"], "Group/g");
}
