use fireward_jose::b64;
use serde_json::{Value, json};

use super::{Answer, World, client_credentials::TYPE, flow, wire::As};

async fn with(world: &World, assertion: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", "system/*.rs"),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
    ];
    world.token(&form).await
}

async fn claiming(world: &World, changed: Value) -> Answer {
    with(world, &world.assertion("backend", &changed)).await
}

#[actix_web::test]
async fn ca_5_ca_6_an_assertion_counts_once() {
    let world = World::new().await;
    let assertion = world.assertion("backend", &json!({}));
    assert_eq!(with(&world, &assertion).await.status, 200);
    assert_eq!(with(&world, &assertion).await.refusal(), "401 invalid_client");
    world.wait(200).await;
    assert_eq!(
        with(&world, &assertion).await.refusal(),
        "401 invalid_client",
        "as long as it lives"
    );
}

#[actix_web::test]
async fn oc_19_01_j10_j11_claims_that_are_wrong_are_named() {
    let world = World::new().await;
    let now = world.now().unix();
    let cases = [
        (json!({"aud": "https://evil.example/token"}), "aud"),
        (json!({"aud": null}), "aud"),
        (json!({"iss": "other"}), "iss"),
        (json!({"sub": null}), "iss"),
        (json!({"exp": now - 61}), "expired"),
        (json!({"exp": now + 361}), "300"),
        (json!({"exp": null}), "exp"),
        (json!({"nbf": now + 61}), "nbf"),
        (json!({"iat": now + 61}), "iat"),
        (json!({"jti": null}), "jti"),
    ];
    for (changed, told) in cases {
        let answer = claiming(&world, changed.clone()).await;
        assert_eq!(answer.refusal(), "401 invalid_client", "{changed}");
        assert!(answer.text("error_description").contains(told), "CA-9: {answer:?}");
    }
    for fine in
        [json!({"aud": "http://localhost:8080"}), json!({"aud": ["http://localhost:8080/token"]})]
    {
        assert_eq!(claiming(&world, fine).await.status, 200);
    }
}

#[actix_web::test]
async fn ca_10_j1_j2_none_and_hmac_prove_nothing() {
    let world = World::new().await;
    let good = world.assertion("backend", &json!({}));
    let [_, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    for alg in ["none", "None", "nOnE", "", "HS256", "HS384"] {
        let header = b64::encode(json!({"alg": alg, "kid": "k1", "typ": "JWT"}).to_string());
        for signature in ["", signature] {
            let forged = format!("{header}.{payload}.{signature}");
            assert_eq!(with(&world, &forged).await.refusal(), "401 invalid_client", "{alg}");
        }
    }
}

#[actix_web::test]
async fn j4_j5_d_31_keys_and_names_in_the_header_are_not_believed() {
    let world = World::new().await;
    let good = world.assertion("backend", &json!({}));
    let [_, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let forged =
        |header: Value| format!("{}.{payload}.{signature}", b64::encode(header.to_string()));
    for header in [
        json!({"alg": "ES384", "kid": "../../etc/passwd"}),
        json!({"alg": "ES384", "kid": "k".repeat(10_000)}),
        json!({"alg": "ES384", "kid": "k1", "jku": "https://evil.example/jwks"}),
        json!({"alg": "RS256", "kid": "k1"}),
    ] {
        assert_eq!(with(&world, &forged(header)).await.refusal(), "401 invalid_client");
    }
}

#[actix_web::test]
async fn j7_j8_mangled_assertions_are_refused() {
    let world = World::new().await;
    let good = world.assertion("backend", &json!({}));
    let [header, payload, _] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let zeros = b64::encode([0; 96]);
    let cases = [
        format!("{header}.{payload}.{zeros}"),
        format!("{header}.{payload}"),
        format!("{good}.x"),
        good[..good.len() - 1].to_owned(),
        "x".repeat(20_000),
    ];
    for bad in cases {
        assert_eq!(with(&world, &bad).await.refusal(), "401 invalid_client");
    }
}

#[actix_web::test]
async fn j14_tokens_of_ours_are_no_assertions() {
    let world = World::new().await;
    let code = world.approved("app", "openid launch/patient patient/*.rs").await;
    let tokens = world.token(&flow(&code)).await;
    for token in ["access_token", "id_token"] {
        assert_eq!(with(&world, &tokens.text(token)).await.refusal(), "401 invalid_client");
    }
}

#[actix_web::test]
async fn ca_10_client_id_beside_an_assertion_must_be_the_same() {
    let world = World::new().await;
    for (named, expected) in [("backend", 200), ("ehr", 401)] {
        let assertion = world.assertion("backend", &json!({}));
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "system/*.rs"),
            ("client_id", named),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion.as_str()),
        ];
        assert_eq!(world.token(&form).await.status, expected);
    }
}

#[actix_web::test]
async fn oc_19_01_assertions_work_at_introspection_and_revocation_addressed_to_them() {
    let world = World::new().await;
    for endpoint in ["/introspect", "/revoke"] {
        let aud = format!("http://localhost:8080{endpoint}");
        let assertion = world.assertion("keyed", &json!({"aud": aud}));
        let form =
            [("token", "x"), ("client_assertion_type", TYPE), ("client_assertion", &assertion)];
        assert_eq!(world.post(endpoint, As::Nobody, &form).await.status, 200, "{endpoint}");
    }
}

#[actix_web::test]
async fn s1_keys_at_addresses_that_are_not_public_are_never_fetched() {
    let world = World::new().await;
    world
        .import(json!({
            "client_id": "backend", "grant_types": ["client_credentials"], "scope": "system/*.rs",
            "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://127.0.0.1:9/jwks",
        }))
        .await;
    assert_eq!(claiming(&world, json!({})).await.refusal(), "401 invalid_client");
}
