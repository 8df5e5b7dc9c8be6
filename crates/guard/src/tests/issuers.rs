use serde_json::json;

use super::{World, claims, discovery, key, sign, with};

#[actix_web::test]
async fn the_issuer_is_asked_at_its_address_and_once() {
    let world = World::new();
    for jti in ["a", "b", "c"] {
        let token = world.token(&with("jti", json!(jti)));
        assert_eq!(world.get_with(&token).await.status, 200);
    }
    assert_eq!(world.asked_for("/.well-known/openid-configuration"), 1);
    assert_eq!(world.asked_for("/jwks"), 1);
}

#[actix_web::test]
async fn an_unknown_key_makes_the_keys_be_fetched_again_and_not_too_often() {
    let world = World::new();
    assert_eq!(world.get_with(&world.token(&claims())).await.status, 200);
    let next = key("k2");
    let token = sign(&next, "at+jwt", &claims());
    world.pass(9);
    assert_eq!(world.get_with(&token).await.status, 401);
    assert_eq!(world.asked_for("/jwks"), 1);
    world.publish_keys(&[&world.key, &next]);
    world.pass(1);
    assert_eq!(world.get_with(&token).await.status, 200);
    assert_eq!(world.asked_for("/jwks"), 2);
    for kid in ["k3", "k4", "k5"] {
        let token = sign(&key(kid), "at+jwt", &claims());
        assert_eq!(world.get_with(&token).await.status, 401);
    }
    assert_eq!(world.asked_for("/jwks"), 2);
}

#[actix_web::test]
async fn a_key_that_is_no_longer_published_is_trusted_no_longer_than_its_copy() {
    let world = World::new();
    let long = with("exp", json!(super::NOW + 3_600));
    let token = world.token(&long);
    assert_eq!(world.get_with(&token).await.status, 200);
    world.publish_keys(&[&key("k2")]);
    world.pass(299);
    assert_eq!(world.get_with(&token).await.status, 200);
    // The copy expires at 300, what is remembered of the token 60 seconds after it was checked last.
    world.pass(60);
    assert_eq!(world.get_with(&token).await.status, 401);
}

#[actix_web::test]
async fn d_33_the_last_good_keys_serve_while_the_issuer_is_away_and_not_for_ever() {
    let world = World::new();
    let long = |jti: &str| {
        let mut claims = with("exp", json!(super::NOW + 100_000));
        claims["jti"] = json!(jti);
        world.token(&claims)
    };
    assert_eq!(world.get_with(&long("a")).await.status, 200);
    world.withdraw();
    world.pass(300 + 4 * 3_600 - 1);
    assert_eq!(world.get_with(&long("b")).await.status, 200);
    world.pass(1);
    assert_eq!(world.get_with(&long("c")).await.status, 503);
}

#[actix_web::test]
async fn without_an_issuer_nothing_is_accepted_and_the_answer_says_so() {
    let world = World::new();
    world.withdraw();
    let heard = world.get_with(&world.token(&claims())).await;
    assert_eq!(heard.status, 503);
    assert_eq!(heard.header("retry-after"), "5");
    assert_eq!(heard.header("www-authenticate"), "");
    assert_eq!(heard.body["issue"][0]["code"], "transient");
    // The issuer is left alone for a while, then asked again.
    let jti = with("jti", json!("t2"));
    assert_eq!(world.get_with(&world.token(&jti)).await.status, 503);
    assert_eq!(world.asked_for("/.well-known/openid-configuration"), 1);
    world.publish("/.well-known/openid-configuration", &discovery(super::ISSUER));
    world.publish_keys(&[&world.key]);
    world.pass(5);
    assert_eq!(world.get_with(&world.token(&claims())).await.status, 200);
}

#[actix_web::test]
async fn metadata_of_another_issuer_is_not_taken() {
    let world = World::new();
    world.publish("/.well-known/openid-configuration", &discovery("https://evil.example"));
    assert_eq!(world.get_with(&world.token(&claims())).await.status, 503);
    assert!(world.guard.endpoints().await.is_err());
}

#[actix_web::test]
async fn the_issuers_endpoints_are_known() {
    let world = World::new();
    let endpoints = world.guard.endpoints().await.unwrap();
    assert_eq!(endpoints.token_endpoint, "https://issuer.example/token");
    assert_eq!(endpoints.introspection_endpoint, None);
}
