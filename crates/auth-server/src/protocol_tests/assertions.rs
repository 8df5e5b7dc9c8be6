use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use actix_web::{App, HttpResponse, HttpServer, web};
use fireward_jose::{SigningKey, b64};
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
            "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://10.0.0.1/jwks",
        }))
        .await;
    assert_eq!(claiming(&world, json!({})).await.refusal(), "401 invalid_client");
}

/// A client's server: its key set, and how often it was asked for.
struct Hosted {
    url: String,
    keys: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
}

fn host(cache_control: &'static str, keys: Value) -> Hosted {
    let (keys, asked) = (Arc::new(Mutex::new(keys)), Arc::new(AtomicUsize::new(0)));
    let (shown, counted) = (Arc::clone(&keys), Arc::clone(&asked));
    let server = HttpServer::new(move || {
        let (shown, counted) = (Arc::clone(&shown), Arc::clone(&counted));
        let answer = move || {
            counted.fetch_add(1, Ordering::Relaxed);
            let keys = shown.lock().unwrap().clone();
            let mut answer = HttpResponse::Ok();
            std::future::ready(answer.insert_header(("cache-control", cache_control)).json(keys))
        };
        App::new().route("/jwks", web::get().to(answer))
    });
    let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/jwks", server.addrs()[0]);
    actix_web::rt::spawn(server.run());
    Hosted { url, keys, asked }
}

fn set(keys: &[&SigningKey]) -> Value {
    json!({"keys": keys.iter().map(|key| key.public_jwk().to_json()).collect::<Vec<_>>()})
}

async fn registered_at(world: &World, url: &str) {
    let backend = json!({
        "client_id": "backend", "grant_types": ["client_credentials"], "scope": "system/*.rs",
        "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": url,
    });
    world.import(backend).await;
}

#[actix_web::test]
async fn ca_2_ca_8_keys_at_a_url_are_kept_as_long_as_allowed_and_asked_for_anew_for_a_new_kid() {
    let world = World::new().await;
    let (old, new) = (world.new_key("old"), world.new_key("new"));
    let hosted = host("max-age=300", set(&[&old]));
    registered_at(&world, &hosted.url).await;
    let by = async |key: &SigningKey| {
        with(&world, &world.assertion_by(key, "backend", &json!({}))).await.status
    };
    assert_eq!((by(&old).await, by(&old).await), (200, 200));
    assert_eq!(hosted.asked.load(Ordering::Relaxed), 1, "Cache-Control is honoured");
    *hosted.keys.lock().unwrap() = set(&[&old, &new]);
    assert_eq!(by(&new).await, 401, "asked a moment ago: nobody can make us ask again and again");
    world.advance(10);
    assert_eq!(by(&new).await, 200);
    assert_eq!(hosted.asked.load(Ordering::Relaxed), 2);
    *hosted.keys.lock().unwrap() = set(&[&new]);
    world.wait(300).await;
    assert_eq!(by(&old).await, 401, "D-33: not past its time");
}

#[actix_web::test]
async fn d_31_j4_a_jku_is_the_registered_url_or_refused_and_never_fetched() {
    let world = World::new().await;
    let (key, evil) = (world.new_key("k"), world.new_key("k"));
    let (hosted, theirs) = (host("max-age=300", set(&[&key])), host("max-age=300", set(&[&evil])));
    registered_at(&world, &hosted.url).await;
    let token = world.assertion_by(&evil, "backend", &json!({}));
    let [_, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
    let header = json!({"alg": "ES384", "kid": "k", "typ": "JWT", "jku": theirs.url});
    let forged = format!("{}.{payload}.{signature}", b64::encode(header.to_string()));
    assert_eq!(with(&world, &forged).await.refusal(), "401 invalid_client");
    assert_eq!(theirs.asked.load(Ordering::Relaxed), 0);
}

#[actix_web::test]
async fn ca_9_bs_4_an_unknown_client_assertion_type_is_400_and_invalid_client() {
    let world = World::new().await;
    for unknown in
        ["not_an_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"]
    {
        let assertion = world.assertion("backend", &json!({}));
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "system/*.rs"),
            ("client_assertion_type", unknown),
            ("client_assertion", assertion.as_str()),
        ];
        assert_eq!(world.token(&form).await.refusal(), "400 invalid_client", "{unknown}");
    }
}
