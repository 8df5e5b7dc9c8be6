//! What became of what an app asked, for the app itself.

use serde_json::json;

use super::{
    Answer, World, flow,
    wire::As,
    world::{CALLBACK, SECRET, VERIFIER},
};

const SCOPE: &str =
    "openid offline_access patient/Observation.rs system/nonsense phone user/*.cruds";

async fn redeemed(world: &World, client: &str, sender: As<'_>) -> Answer {
    let code = world.approved(client, SCOPE).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", client),
    ];
    world.post("/token", sender, &form).await
}

fn path(answer: &Answer) -> String {
    let url = answer.text("__explanation");
    url.strip_prefix("http://localhost:8080").unwrap().to_owned()
}

#[actix_web::test]
async fn sc_9_an_app_reads_why_it_got_less_with_its_own_token() {
    let world = World::new().await;
    let answer = redeemed(&world, "app", As::Nobody).await;
    let told = world.get_as(&path(&answer), &answer.text("access_token")).await;
    assert_eq!(told.status, 200, "{told:?}");
    let json = told.json();
    assert_eq!(json["granted"], answer.json()["scope"]);
    let of = |scope: &str| {
        let mut scopes = json["scopes"].as_array().unwrap().iter();
        scopes.find(|one| one["scope"] == scope).unwrap().clone()
    };
    assert_eq!(of("openid")["outcome"], "granted");
    assert_eq!(of("phone")["reason"], "registration");
    assert_eq!(of("system/nonsense")["reason"], "unknown");
    assert!(of("phone")["why"].as_str().unwrap().contains("not registered"));
    assert_eq!(json["refresh_token"]["given"], true);
    assert!(json["refresh_token"]["why"].as_str().unwrap().starts_with("A refresh token came"));
    for person in ["Ana", "ana@", "\"p1\"", "Practitioner"] {
        assert!(!told.body.contains(person), "{person}: {}", told.body);
    }
}

#[actix_web::test]
async fn sc_24_where_no_refresh_token_came_it_is_said_why() {
    let world = World::new().await;
    let code = world.approved("app", "openid phone").await;
    let answer = world.token(&flow(&code)).await;
    assert!(answer.json().get("refresh_token").is_none());
    let told = world.get_as(&path(&answer), &answer.text("access_token")).await.json();
    assert_eq!(told["refresh_token"]["outcome"], "not-asked");
    let world = World::without(fireward_oauth::capability::Capability::PermissionOffline).await;
    let code = world.approved("app", "openid offline_access").await;
    let answer = world.token(&flow(&code)).await;
    assert_eq!(answer.json()["scope"], "openid");
    let told = world.get_as(&path(&answer), &answer.text("access_token")).await.json();
    let why = told["refresh_token"]["why"].as_str().unwrap();
    assert!(why.contains("turned off"), "{why}");
}

#[actix_web::test]
async fn nothing_is_added_to_an_answer_that_is_as_asked() {
    let world = World::new().await;
    let code = world.approved("app", "openid").await;
    assert_eq!(world.token(&flow(&code)).await.json().get("__explanation"), None);
}

#[actix_web::test]
async fn only_the_apps_own_credentials_open_its_explanation() {
    let world = World::new().await;
    let basic = As::Basic("basic", SECRET);
    let answer = redeemed(&world, "basic", basic).await;
    let path = path(&answer);
    assert_eq!(world.post(&path, basic, &[]).await.status, 200);
    let post = [("client_id", "post"), ("client_secret", SECRET)];
    assert_eq!(world.post(&path, As::Nobody, &post).await.status, 404, "another client's");
    let public = world.post(&path, As::Nobody, &[("client_id", "app")]).await;
    assert_eq!(public.refusal(), "401 invalid_client");
    assert_eq!(world.get(&path).await.status, 401);
    let assertion = [
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &*world.assertion("keyed", &json!({}))),
    ];
    assert_eq!(world.post(&path, As::Nobody, &assertion).await.status, 404);
    // A token of one grant opens that grant alone.
    let other = redeemed(&world, "basic", basic).await;
    assert_eq!(world.get_as(&path, &other.text("access_token")).await.status, 404);
    assert_eq!(world.get_as(&path, "nonsense").await.status, 401);
    assert_eq!(world.get_as("/grants/none", &other.text("access_token")).await.status, 404);
}
