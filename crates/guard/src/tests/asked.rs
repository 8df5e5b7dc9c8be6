//! Tokens about which the issuer is asked, and lists of tokens that were revoked.

use std::io::Write as _;
use std::sync::Arc;

use fireward_jose::b64;
use fireward_jose::backend::rand::SystemRandom;
use flate2::{Compression, write::ZlibEncoder};
use serde_json::{Value, json};

use super::{BASE, ISSUER, NOW, World, claims, discovery, key, sign, with};
use crate::{Config, Credential, Introspection, TokenFormat, Unreachable};

fn introspecting(format: TokenFormat) -> impl FnOnce(&mut Config) {
    move |config| {
        let (client, secret) = ("rs".to_owned(), "s:e cret".to_owned());
        config.issuers[0].format = format;
        config.issuers[0].introspection =
            Some(Introspection::new(Credential::Secret { client, secret }));
    }
}

fn world(format: TokenFormat) -> World {
    let world = World::with(introspecting(format));
    publish(&world);
    world
}

fn publish(world: &World) {
    let mut metadata = discovery(ISSUER);
    metadata["introspection_endpoint"] = json!(format!("{ISSUER}/introspect"));
    world.publish("/.well-known/openid-configuration", &metadata);
}

fn active(member: &str, value: Value) -> Value {
    let mut answer = with(member, value);
    answer["active"] = json!(true);
    answer
}

#[actix_web::test]
async fn row_096_an_opaque_token_is_looked_into_where_that_is_configured() {
    let world = world(TokenFormat::Either);
    world.publish("/introspect", &active("jti", json!("o1")));
    assert_eq!(world.get_with("opaque-1").await.status, 200);
    assert_eq!(world.get_with("opaque-1").await.status, 200);
    assert_eq!(world.asked_for("/introspect"), 1, "the answer is kept");
    // A JWT of the same issuer is checked with its keys.
    assert_eq!(world.get_with(&world.token(&claims())).await.status, 200);
    assert_eq!(world.asked_for("/introspect"), 1);
    let plain = World::new();
    let heard = plain.get_with("opaque-1").await;
    assert_eq!(heard.status, 401);
    assert!(heard.header("www-authenticate").contains("opaque tokens are not looked into"));
}

#[actix_web::test]
async fn row_029_every_token_can_be_asked_about() {
    let world = world(TokenFormat::Introspection);
    world.publish("/introspect", &json!({ "active": false }));
    let token = world.token(&claims());
    let heard = world.get_with(&token).await;
    assert_eq!(heard.status, 401);
    assert!(heard.header("www-authenticate").contains("check=\"active\""));
    assert_eq!(world.asked_for("/jwks"), 0);
    // Kept for a short time only.
    world.publish("/introspect", &active("jti", json!("o2")));
    assert_eq!(world.get_with(&token).await.status, 401);
    world.pass(10);
    assert_eq!(world.get_with(&token).await.status, 200);
}

#[actix_web::test]
async fn row_041_an_answer_is_kept_no_longer_than_configured_nor_than_the_token_lives() {
    let world = world(TokenFormat::Either);
    world.publish("/introspect", &active("exp", json!(NOW + 20)));
    assert_eq!(world.get_with("opaque").await.status, 200);
    world.pass(19);
    assert_eq!(world.get_with("opaque").await.status, 200);
    world.pass(1);
    assert_eq!(world.get_with("opaque").await.status, 401);
    world.publish("/introspect", &json!({ "active": false }));
    let other = self::world(TokenFormat::Either);
    other.publish("/introspect", &active("jti", json!("o3")));
    assert_eq!(other.get_with("opaque").await.status, 200);
    other.publish("/introspect", &json!({ "active": false }));
    other.pass(30);
    assert_eq!(other.get_with("opaque").await.status, 401);
}

#[actix_web::test]
async fn row_097_what_the_issuer_says_is_checked_as_claims_are() {
    for (member, value) in [
        ("aud", json!("https://other.example/fhir")),
        ("aud", Value::Null),
        ("iss", json!("https://evil.example")),
        ("exp", json!(NOW)),
        ("exp", Value::Null),
        ("nbf", json!(NOW + 31)),
        ("cnf", json!({ "jkt": "x" })),
    ] {
        let world = world(TokenFormat::Either);
        world.publish("/introspect", &active(member, value.clone()));
        assert_eq!(world.get_with("opaque").await.status, 401, "{member} {value}");
    }
}

#[actix_web::test]
async fn an_issuer_that_gives_no_answer_is_no_reason_to_believe_or_to_disbelieve() {
    for answer in [None, Some(json!({})), Some(json!({ "active": "true" })), Some(json!([]))] {
        let world = world(TokenFormat::Either);
        if let Some(answer) = &answer {
            world.publish("/introspect", answer);
        }
        assert_eq!(world.get_with("opaque").await.status, 503, "{answer:?}");
        assert_eq!(world.get_with("opaque").await.status, 503);
        assert_eq!(world.asked_for("/introspect"), 1, "it is left alone for a moment");
    }
}

#[actix_web::test]
async fn row_070_this_server_says_who_it_is_by_secret_or_by_key() {
    let world = world(TokenFormat::Either);
    world.publish("/introspect", &active("jti", json!("o4")));
    world.get_with("opaque").await;
    // RFC 6749 §2.3.1: each of both is form-encoded before it becomes Basic.
    assert!(world.was_sent("authorization", "Basic cnM6cyUzQWUrY3JldA=="));
    let signing = World::with(|config| {
        config.issuers[0].format = TokenFormat::Either;
        let key = Arc::new(key("rs-key"));
        let (client, random) = ("rs".to_owned(), Arc::new(SystemRandom::new()));
        config.issuers[0].introspection =
            Some(Introspection::new(Credential::Key { client, key, random }));
    });
    publish(&signing);
    signing.publish("/introspect", &active("jti", json!("o5")));
    assert_eq!(signing.get_with("opaque").await.status, 200);
    assert!(!signing.was_sent("authorization", "Basic"));
}

/// A list in which the tokens at these places are revoked.
fn list(world: &World, revoked: &[usize], uri: &str) -> String {
    list_as("statuslist+jwt", world, revoked, uri)
}

fn list_as(typ: &str, world: &World, revoked: &[usize], uri: &str) -> String {
    let mut octets = vec![0_u8; 16];
    for place in revoked {
        octets[place / 8] |= 1 << (place % 8);
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&octets).unwrap();
    let lst = b64::encode(packed.finish().unwrap());
    let claims =
        json!({ "sub": uri, "iat": NOW, "ttl": 60, "status_list": { "bits": 1, "lst": lst } });
    sign(&world.key, typ, &claims)
}

fn listed(index: u64) -> Value {
    let uri = format!("{ISSUER}/status/1");
    let mut claims = with("status", json!({ "status_list": { "idx": index, "uri": uri } }));
    claims["exp"] = json!(NOW + 10_000);
    claims
}

#[actix_web::test]
async fn row_041_a_revoked_token_is_refused_within_the_time_of_its_list_however_good_its_signature()
{
    let world = World::new();
    let uri = format!("{ISSUER}/status/1");
    world.publish_text("/status/1", &list(&world, &[], &uri));
    let token = world.token(&listed(3));
    assert_eq!(world.get_with(&token).await.status, 200);
    world.publish_text("/status/1", &list(&world, &[3], &uri));
    assert_eq!(world.get_with(&token).await.status, 200);
    assert_eq!(world.asked_for("/status/1"), 1);
    world.pass(60);
    let heard = world.get_with(&token).await;
    assert_eq!(heard.status, 401);
    assert!(heard.header("www-authenticate").contains("check=\"status\""));
    assert_eq!(world.get_with(&world.token(&listed(4))).await.status, 200);
    assert_eq!(world.get_with(&world.token(&listed(128))).await.status, 401, "no such place");
}

#[actix_web::test]
async fn while_a_list_cannot_be_had_tokens_are_refused_or_accepted_as_configured() {
    let closed = World::new();
    assert_eq!(closed.get_with(&closed.token(&listed(3))).await.status, 503);
    let open = World::with(|config| config.issuers[0].status.unreachable = Unreachable::Accept);
    assert_eq!(open.get_with(&open.token(&listed(3))).await.status, 200);
    // What was revoked stays so.
    let uri = format!("{ISSUER}/status/1");
    open.publish_text("/status/1", &list(&open, &[3], &uri));
    open.pass(5);
    assert_eq!(open.get_with(&open.token(&listed(3))).await.status, 401);
    open.publish_text("/status/1", "gone");
    open.pass(3_600);
    let token = open.token(&listed(3));
    assert_eq!(open.get_with(&token).await.status, 401);
}

#[actix_web::test]
async fn s1_a_list_is_of_the_issuer_and_nothing_else_is_fetched() {
    let world = World::new();
    let uri = format!("{ISSUER}/status/1");
    let of_another = sign(&key("k1"), "statuslist+jwt", &json!({ "sub": uri }));
    let of_other_typ = list_as("JWT", &world, &[], &uri);
    for text in [of_another, of_other_typ, list(&world, &[], "https://other.example/1"), "x".into()]
    {
        world.publish_text("/status/1", &text);
        world.pass(5);
        assert_eq!(world.get_with(&world.token(&listed(3))).await.status, 503);
    }
    for uri in [
        "http://169.254.169.254/1",
        "https://issuer.example.evil.example/1",
        "https://issuer.example/../1",
    ] {
        let claims = with("status", json!({ "status_list": { "idx": 1, "uri": uri } }));
        assert_eq!(world.get_with(&world.token(&claims)).await.status, 503, "{uri}");
    }
    let malformed = with("status", json!({ "status_list": { "idx": -1, "uri": uri } }));
    assert_eq!(world.get_with(&world.token(&malformed)).await.status, 401);
    assert!(BASE.starts_with("https"));
}
