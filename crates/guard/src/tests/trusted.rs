//! Several issuers, foreign ones, passwords, and a server that asks nobody.

use std::sync::Arc;

use argon2::password_hash::PasswordHasher as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fireward_jose::JwkSet;
use serde_json::{Map, Value, json};

use super::{BASE, ISSUER, World, claims, key, sign, with};
use crate::{Account, Basic, Check, Config, Keys, Protection, Refusal, TokenHandler, Trusted, Typ};

const GUEST: &str = "https://guest.example/realms/x";

/// An issuer whose keys are in this process, so that nobody is asked.
fn guest(change: impl FnOnce(&mut Trusted)) -> (World, fireward_jose::SigningKey) {
    let key = key("g1");
    let keys: JwkSet = [key.public_jwk().clone()].into_iter().collect();
    let mut trusted = Trusted::new(GUEST).unwrap();
    trusted.keys = Keys::Given(Arc::new(keys));
    change(&mut trusted);
    (World::with(|config| config.issuers.push(trusted)), key)
}

fn of_guest(member: &str, value: Value) -> Value {
    let mut claims = with(member, value);
    claims["iss"] = json!(GUEST);
    claims
}

#[actix_web::test]
async fn row_045_tokens_of_each_trusted_issuer_are_accepted_and_no_ones_with_anothers_key() {
    let (world, guest) = guest(|_| {});
    assert_eq!(world.get_with(&world.token(&claims())).await.status, 200);
    let token = sign(&guest, "at+jwt", &of_guest("jti", json!("g")));
    assert_eq!(world.get_with(&token).await.status, 200);
    for crossed in [sign(&guest, "at+jwt", &claims()), world.token(&of_guest("jti", json!("x")))] {
        assert_eq!(world.get_with(&crossed).await.status, 401);
    }
}

#[actix_web::test]
async fn row_045_an_issuers_tokens_open_no_more_than_its_cap() {
    let cap = |text: &str| Some(text.parse().unwrap());
    let (world, key) = guest(|guest| guest.cap = cap("patient/Condition.rs"));
    let token = sign(&key, "at+jwt", &of_guest("scope", json!("patient/*.cruds system/*.cruds")));
    assert_eq!(world.get_with(&token).await.status, 403);
    let bearer = format!("Bearer {token}");
    let heard = world.get("/Condition?_count=1", &[("Authorization", &bearer)]).await;
    assert_eq!(heard.status, 200);
    let (world, key) = guest(|guest| guest.cap = cap("patient/*.rs"));
    let token = sign(&key, "at+jwt", &of_guest("scope", json!("patient/*.cruds system/*.cruds")));
    assert_eq!(world.get_with(&token).await.status, 200);
}

#[actix_web::test]
async fn row_045_an_issuer_may_call_this_server_by_another_name() {
    let (world, key) = guest(|guest| guest.audience = Some("records".to_owned()));
    let token = sign(&key, "at+jwt", &of_guest("aud", json!("records")));
    assert_eq!(world.get_with(&token).await.status, 200);
    let ours = sign(&key, "at+jwt", &of_guest("aud", json!(BASE)));
    assert_eq!(world.get_with(&ours).await.status, 401);
    assert_eq!(world.get_with(&world.token(&with("aud", json!("records")))).await.status, 401);
}

#[actix_web::test]
async fn d_42_a_foreign_issuer_may_say_jwt_where_that_is_configured_and_only_of_access_tokens() {
    let (world, key) = guest(|guest| guest.typ = Typ::OrPlain);
    let plain = |claims: &Value| sign(&key, "JWT", claims);
    let good = of_guest("jti", json!("g"));
    assert_eq!(world.get_with(&plain(&good)).await.status, 200);
    for other in ["nonce", "at_hash", "events"] {
        assert_eq!(
            world.get_with(&plain(&of_guest(other, json!("x")))).await.status,
            401,
            "{other}"
        );
    }
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    assert_eq!(world.get_with(&plain(&without("scope"))).await.status, 401);
    assert_eq!(world.get_with(&plain(&without("client_id"))).await.status, 401);
    let mut azp = without("client_id");
    azp["azp"] = json!("app");
    let heard = world.get_with(&plain(&azp)).await;
    assert_eq!((heard.status, &heard.body["client"]), (200, &json!("app")));
    for typ in ["logout+jwt", "dpop+jwt", "secevent+jwt"] {
        assert_eq!(world.get_with(&sign(&key, typ, &good)).await.status, 401, "{typ}");
    }
    // Ours must say what they are.
    assert_eq!(world.get_with(&sign(&world.key, "JWT", &claims())).await.status, 401);
}

#[actix_web::test]
async fn row_001_row_006_a_foreign_issuer_is_trusted_by_configuration_alone() {
    let world = World::with(|config| {
        let at = config.issuers[0].fetch_from.below("protocol/openid-connect/certs", &[]);
        config.issuers[0].issuer = "https://idp.example/realms/x".to_owned();
        config.issuers[0].keys = Keys::At(at);
        config.issuers[0].typ = Typ::OrPlain;
    });
    let keys: JwkSet = [world.key.public_jwk().clone()].into_iter().collect();
    world.publish("/protocol/openid-connect/certs", &keys.to_json());
    let mut claims = with("iss", json!("https://idp.example/realms/x"));
    claims["realm_access"] = json!({ "roles": ["nurse"] });
    assert_eq!(world.get_with(&sign(&world.key, "JWT", &claims)).await.status, 200);
    assert_eq!(world.asked_for("/.well-known/openid-configuration"), 0);
    let claims = world.guard.admit(&sign(&world.key, "JWT", &claims)).await.unwrap();
    // Row 8: typed and raw.
    assert_eq!(claims.raw()["realm_access"]["roles"][0], "nurse");
    assert_eq!((claims.access().client(), claims.token_id()), ("growth-chart", Some("t1")));
}

#[actix_web::test]
async fn row_005_the_document_of_the_protected_resource_names_whom_it_trusts() {
    let (world, _) = guest(|_| {});
    let heard = world.get("/.well-known/oauth-protected-resource/fhir", &[]).await;
    assert_eq!(heard.status, 200);
    assert_eq!(heard.body["resource"], BASE);
    assert_eq!(heard.body["authorization_servers"], json!([ISSUER, GUEST]));
    assert_eq!(heard.body["bearer_methods_supported"], json!(["header"]));
}

#[actix_web::test]
async fn row_091_an_unprotected_server_asks_nobody() {
    let world = World::with(|config| {
        *config = Config { protection: Protection::Off, ..Config::unprotected(BASE) };
    });
    let token = world.token(&with("iss", json!("https://evil.example")));
    assert_eq!(world.get("/Observation", &[]).await.status, 200);
    assert_eq!(world.get_with(&token).await.status, 200);
    assert!(world.published.asked.lock().unwrap().is_empty());
}

fn with_accounts(dual: bool) -> World {
    let hash = argon2::Argon2::default().hash_password(b"correct horse").unwrap();
    World::with(|config| {
        let (username, password_hash) = ("nurse".to_owned(), hash.to_string());
        let account = Account { username, password_hash, claims: Map::new() };
        config.basic = Some(Basic { accounts: vec![account], remember: 60 });
        config.dual_credentials = dual;
    })
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

#[actix_web::test]
async fn row_059_whoever_shows_the_right_password_may_do_everything() {
    let world = with_accounts(false);
    let ask = async |line: String| world.get("/Observation", &[("Authorization", &line)]).await;
    assert_eq!(ask(basic("nurse:correct horse")).await.status, 200);
    assert_eq!(ask(basic("nurse:correct horse")).await.status, 200);
    for wrong in ["nurse:wrong", "nobody:correct horse", ":", "nurse:"] {
        let heard = ask(basic(wrong)).await;
        assert_eq!(heard.status, 401, "{wrong}");
        assert!(heard.all("www-authenticate").iter().any(|one| one.starts_with("Basic ")));
    }
    assert_eq!(ask("Basic ä".to_owned()).await.status, 400);
    assert_eq!(ask("Basic bnVyc2U=".to_owned()).await.status, 400, "no colon");
}

#[actix_web::test]
async fn row_058_of_a_password_and_a_token_both_must_be_good() {
    let world = with_accounts(true);
    let good = format!("Bearer {}", world.token(&claims()));
    let bad = format!("Bearer {}", world.token(&with("aud", json!("https://other.example"))));
    let (right, wrong) = (basic("nurse:correct horse"), basic("nurse:wrong"));
    for (one, other, status) in
        [(&good, &right, 200), (&good, &wrong, 401), (&bad, &right, 401), (&right, &good, 200)]
    {
        let lines = [("Authorization", one.as_str()), ("Authorization", other.as_str())];
        assert_eq!(world.get("/Observation", &lines).await.status, status);
    }
    // The token says what is allowed, whatever the password alone would.
    let narrow = format!("Bearer {}", world.token(&with("scope", json!("patient/Condition.rs"))));
    let lines = [("Authorization", narrow.as_str()), ("Authorization", right.as_str())];
    assert_eq!(world.get("/Observation", &lines).await.status, 403);
}

struct Nobody;

impl TokenHandler for Nobody {
    fn handle<'a>(&'a self, _: &'a str, _: i64) -> crate::Handled<'a> {
        Box::pin(async {
            Err(Refusal::NotAccepted(Check::Active.failed("nobody is let in today")))
        })
    }
}

#[actix_web::test]
async fn row_069_a_server_may_have_a_handler_of_its_own() {
    let mut world = World::new();
    let token = world.token(&claims());
    assert_eq!(world.get_with(&token).await.status, 200);
    let config = world.guard.config().clone();
    world.guard = world.guarded(config, |guard| guard.with_handler(Arc::new(Nobody)));
    let heard = world.get_with(&token).await;
    assert_eq!(heard.status, 401);
    assert!(heard.header("www-authenticate").contains("nobody is let in today"));
}

#[actix_web::test]
async fn row_094_a_look_into_a_token_names_each_check() {
    let world = World::new();
    let words = |examined: &crate::Examination| -> Vec<_> {
        let steps = examined.steps.iter();
        steps.map(|(check, finding)| format!("{} {}", check.name(), finding.as_str())).collect()
    };
    let good = world.guard.examine(&world.token(&claims())).await;
    assert!(good.refusal.is_none() && good.claims.is_some());
    assert!(words(&good).iter().all(|one| one.ends_with("passed")), "{good:?}");
    let other = world.token(&with("aud", json!("https://other.example")));
    let wrong = words(&world.guard.examine(&other).await);
    assert!(wrong.contains(&"issuer passed".to_owned()), "{wrong:?}");
    assert!(wrong.contains(&"audience failed".to_owned()), "{wrong:?}");
    assert!(wrong.contains(&"signature not reached".to_owned()), "{wrong:?}");
    let bound = world.token(&with("cnf", json!({ "jkt": "x" })));
    let shown = words(&world.guard.examine(&bound).await);
    assert_eq!(shown.last().unwrap(), "binding not shown");
    let token = world.token(&claims());
    world.pass(300);
    let expired = world.guard.examine(&token).await;
    assert!(expired.claims.is_some() && words(&expired).contains(&"expiry failed".to_owned()));
}
