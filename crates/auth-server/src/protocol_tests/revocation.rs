use serde_json::json;

use super::{Answer, World, flow, wire::As, world::SECRET};

const SCOPE: &str = "openid launch/patient offline_access patient/*.rs";

async fn tokens(world: &World) -> Answer {
    let code = world.approved("app", SCOPE).await;
    world.token(&flow(&code)).await
}

async fn revoke(world: &World, client: &str, token: &str) -> Answer {
    world.post("/revoke", As::Nobody, &[("client_id", client), ("token", token)]).await
}

async fn is_active(world: &World, token: &str) -> bool {
    let answer = world.post("/introspect", As::Basic("watcher", SECRET), &[("token", token)]).await;
    answer.json()["active"] == json!(true)
}

#[actix_web::test]
async fn oc_9_01_a_refresh_token_takes_its_grant_along() {
    let world = World::new().await;
    let tokens = tokens(&world).await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    assert_eq!(revoke(&world, "app", &refresh).await.status, 200);
    assert!(!is_active(&world, &refresh).await && !is_active(&world, &access).await);
    let again =
        [("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", &refresh)];
    assert_eq!(world.token(&again).await.refusal(), "400 invalid_grant");
}

#[actix_web::test]
async fn oc_9_01_an_access_token_goes_alone() {
    let world = World::new().await;
    let tokens = tokens(&world).await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    assert_eq!(revoke(&world, "app", &access).await.status, 200);
    assert!(!is_active(&world, &access).await && is_active(&world, &refresh).await);
    assert_eq!(world.get_as("/userinfo", &access).await.refusal(), "401 invalid_token");
    assert_eq!(revoke(&world, "app", &access).await.status, 200, "and again");
}

#[actix_web::test]
async fn oc_9_01_another_clients_token_is_left_alone_without_saying_so() {
    let world = World::new().await;
    let tokens = tokens(&world).await;
    for token in ["access_token", "refresh_token"] {
        let answer = revoke(&world, "other", &tokens.text(token)).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
        assert!(is_active(&world, &tokens.text(token)).await);
    }
    assert_eq!(revoke(&world, "app", "whatever").await.status, 200);
}

#[actix_web::test]
async fn oc_9_01_a_client_proves_who_it_is_and_names_a_token() {
    let world = World::new().await;
    let answer = revoke(&world, "basic", "x").await;
    assert_eq!(answer.refusal(), "401 invalid_client");
    let nothing = world.post("/revoke", As::Nobody, &[("client_id", "app")]).await;
    assert_eq!(nothing.refusal(), "400 invalid_request");
    assert_eq!(world.get("/revoke").await.status, 405);
}
