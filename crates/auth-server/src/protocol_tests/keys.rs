use actix_web::test::TestRequest;
use fireward_jose::Algorithm;

use super::{World, flow, header, wire::name};

#[actix_web::test]
async fn o4_the_published_keys_are_public_and_verify_what_is_signed() {
    let world = World::new().await;
    let answer = world.get("/jwks").await;
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys.len(), 2);
    for key in &keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let code = world.approved("app", "openid").await;
    let tokens = world.token(&flow(&code)).await;
    for token in ["access_token", "id_token"] {
        let kid = &header(&tokens.text(token))["kid"];
        assert!(keys.iter().any(|key| &key["kid"] == kid));
    }
}

#[actix_web::test]
async fn h5_a_verifier_that_has_the_keys_is_told_so() {
    let world = World::new().await;
    let tag = world.get("/jwks").await.header("etag").unwrap().to_owned();
    let again = TestRequest::get().uri("/jwks").insert_header((name("if-none-match"), tag));
    let again = world.call(again).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}

#[actix_web::test]
async fn a_node_whose_keys_are_too_old_signs_nothing_and_spends_nothing() {
    let world = World::new().await;
    let code = world.approved("app", "openid").await;
    // The code lives as long as the copy of the keys, so time goes back for the second try.
    world.advance(59);
    let code_then = world.approved("app", "openid").await;
    world.advance(1);
    assert_eq!(world.token(&flow(&code_then)).await.refusal(), "503 temporarily_unavailable");
    assert_eq!(world.get("/jwks").await.refusal(), "503 temporarily_unavailable");
    world.wait(0).await;
    assert_eq!(world.token(&flow(&code_then)).await.status, 200);
    assert_eq!(world.token(&flow(&code)).await.status, 400, "too old by now");
}

#[actix_web::test]
async fn keys_are_replaced_on_schedule_and_verify_for_long_enough() {
    let world = World::new().await;
    let code = world.approved("app", "openid").await;
    let first = world.token(&flow(&code)).await.text("access_token");
    let published = |world: &World| world.app.keyring.load().jwks();
    // The successor is published so early that no cache misses it: max-age + refresh + skew.
    world.advance(86_400 - 420);
    world.keeper.tend(world.now()).await.unwrap();
    world.keeper.tend(world.now()).await.unwrap();
    world.wait(0).await;
    let keys: serde_json::Value = serde_json::from_slice(&published(&world)).unwrap();
    assert_eq!(
        keys["keys"].as_array().unwrap().len(),
        4,
        "one more of each algorithm, and not two"
    );
    let sign = async |world: &World| {
        let code = world.approved("app", "openid").await;
        world.token(&flow(&code)).await.text("access_token")
    };
    let still = sign(&world).await;
    assert_eq!(header(&still)["kid"], header(&first)["kid"]);
    world.wait(420).await;
    let next = sign(&world).await;
    assert_ne!(header(&next)["kid"], header(&first)["kid"]);
    assert_eq!(world.get_as("/userinfo", &next).await.status, 200);
}

#[actix_web::test]
async fn a_revoked_key_signs_and_verifies_no_more() {
    let world = World::new().await;
    let code = world.approved("app", "openid").await;
    let token = world.token(&flow(&code)).await.text("access_token");
    let kid = header(&token)["kid"].as_str().unwrap().to_owned();
    // Keys of one second take turns by name, which the draw decides.
    world.advance(1);
    let records = world.keeper.records().await.unwrap();
    let step = fireward_keys::revoke(&records, &kid, world.now().unix()).unwrap();
    world.keeper.carry_out(step, world.now()).await.unwrap();
    world.keeper.tend(world.now()).await.unwrap();
    world.wait(0).await;
    assert_eq!(world.get_as("/userinfo", &token).await.refusal(), "401 invalid_token");
    let keyring = world.app.keyring.load();
    assert_ne!(keyring.signing(Algorithm::ES256, world.now().unix()).unwrap().kid(), kid);
}
