//! How often each operation of the hot paths asks the database: a bound that only a reason should raise.

use fireward_testkit::statements;
use serde_json::json;

use super::{Answer, World, flow, wire::As, world::SECRET};

const SCOPE: &str = "openid fhirUser launch/patient offline_access patient/Observation.rs";

/// The verbs of the statements that a call sends, once what nodes keep in memory is there.
async fn sent(call: impl AsyncFn() -> Answer) -> Vec<String> {
    let (sent, answer) = statements(call()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    sent.iter().map(|one| one.split(' ').next().unwrap().to_owned()).collect()
}

async fn begun(world: &World) -> Answer {
    let code = world.approved("app", SCOPE).await;
    world.token(&flow(&code)).await
}

#[actix_web::test]
async fn documents_ask_nothing() {
    let world = World::new().await;
    for path in ["/jwks", "/.well-known/openid-configuration"] {
        assert_eq!(world.get(path).await.status, 200);
        assert!(sent(async || world.get(path).await).await.is_empty(), "{path}");
    }
}

#[actix_web::test]
async fn a_token_of_a_client_for_itself_writes_no_more_than_the_use_of_its_assertion() {
    let world = World::new().await;
    let by_secret = [
        ("grant_type", "client_credentials"),
        ("scope", "https://fireward.dev/scopes/introspection"),
    ];
    let ask = async || world.post("/token", As::Basic("watcher", SECRET), &by_secret).await;
    assert_eq!(ask().await.status, 200);
    assert!(sent(ask).await.is_empty());
    let ask = async || {
        let assertion = world.assertion("backend", &json!({}));
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "system/Patient.rs"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
        ];
        world.token(&form).await
    };
    assert_eq!(ask().await.status, 200);
    assert_eq!(sent(ask).await, ["INSERT"], "its jti");
}

#[actix_web::test]
async fn a_code_is_redeemed_with_a_look_and_four_writes() {
    let world = World::new().await;
    begun(&world).await;
    let code = world.approved("app", SCOPE).await;
    let redeemed = sent(async || world.token(&flow(&code)).await).await;
    assert_eq!(redeemed, ["SELECT", "SELECT", "UPDATE", "INSERT", "INSERT"]);
}

#[actix_web::test]
async fn a_refresh_looks_once_moves_its_family_on_and_is_written_down() {
    let world = World::new().await;
    let token = begun(&world).await.text("refresh_token");
    let form =
        [("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", token.as_str())];
    let refresh = async || world.token(&form).await;
    assert_eq!(sent(refresh).await, ["SELECT", "UPDATE", "INSERT"], "family, family, audit");
    assert_eq!(sent(refresh).await, ["SELECT", "INSERT"], "again within the grace");
}

#[actix_web::test]
async fn introspection_and_userinfo_ask_once() {
    let world = World::new().await;
    let tokens = begun(&world).await;
    for kind in ["access_token", "refresh_token"] {
        let token = tokens.text(kind);
        let watch = async || {
            world.post("/introspect", As::Basic("watcher", SECRET), &[("token", &token)]).await
        };
        assert!(watch().await.json()["active"].as_bool().unwrap());
        assert_eq!(sent(watch).await, ["SELECT"], "{kind}");
    }
    let access = tokens.text("access_token");
    assert_eq!(sent(async || world.get_as("/userinfo", &access).await).await, ["SELECT"]);
}
