use fireward_oauth::{ClientId, launch::LaunchContext, resource_server::ResourceServer};
use serde_json::{Value, json};

use super::{
    Answer, World,
    client_credentials::for_itself,
    flow,
    wire::As,
    world::{SECRET, server},
};

const SCOPE: &str = "openid fhirUser launch/patient offline_access patient/Observation.rs";

async fn tokens(world: &World) -> Answer {
    let code = world.approved("app", SCOPE).await;
    world.token(&flow(&code)).await
}

async fn watched(world: &World, token: &str) -> Answer {
    world.post("/introspect", As::Basic("watcher", SECRET), &[("token", token)]).await
}

fn inactive() -> Value {
    json!({"active": false})
}

#[actix_web::test]
async fn ti_2_ti_3_ti_4_an_active_token_is_told_with_its_context_and_its_user() {
    let world = World::new().await;
    let tokens = tokens(&world).await;
    let told = watched(&world, &tokens.text("access_token")).await.json();
    assert_eq!(told["active"], true);
    assert_eq!(told["scope"], SCOPE);
    assert_eq!(told["client_id"], "app");
    assert_eq!(told["exp"], world.now().unix() + 300);
    assert_eq!(told["patient"], "p1");
    assert_eq!(told["need_patient_banner"], true);
    assert_eq!(told["iss"], "http://localhost:8080");
    assert_eq!(told["sub"], "ana");
    assert_eq!(told["fhirUser"], "http://localhost:8081/fhir/Practitioner/1");
}

#[actix_web::test]
async fn ti_5_i1_of_other_tokens_nothing_is_told() {
    let world = World::new().await;
    let token = tokens(&world).await.text("access_token");
    let shorter = &token[..token.len() - 1];
    let longer = format!("{token}A");
    let flipped = token.replacen('.', "..", 1);
    for bad in [shorter, &longer, &flipped, "x", "a.b.c"] {
        let answer = watched(&world, bad).await;
        assert_eq!((answer.status, answer.json()), (200, inactive()));
    }
    world.wait(300).await;
    assert_eq!(watched(&world, &token).await.json(), inactive(), "AL-21: expired");
}

#[actix_web::test]
async fn d_30_i2_others_see_only_their_own() {
    let world = World::new().await;
    let (theirs, code) =
        (tokens(&world).await.text("access_token"), world.approved("basic", SCOPE).await);
    let mut form = flow(&code).to_vec();
    form.remove(1);
    let own = world.post("/token", As::Basic("basic", SECRET), &form).await.text("access_token");
    let asked = async |token: &str| {
        world.post("/introspect", As::Basic("basic", SECRET), &[("token", token)]).await.json()
    };
    assert_eq!(asked(&theirs).await, inactive());
    assert_eq!(asked(&own).await["active"], true);
}

#[actix_web::test]
async fn ti_6_oc_10_01_a_caller_proves_who_it_is() {
    let world = World::new().await;
    let token = tokens(&world).await.text("access_token");
    let form = [("token", token.as_str())];
    assert_eq!(world.post("/introspect", As::Nobody, &form).await.refusal(), "401 invalid_client");
    let public = [("token", token.as_str()), ("client_id", "app")];
    assert_eq!(
        world.post("/introspect", As::Nobody, &public).await.refusal(),
        "401 invalid_client"
    );
    let wrong = world.post("/introspect", As::Basic("watcher", "x"), &form).await;
    assert_eq!(wrong.refusal(), "401 invalid_client");
    assert_eq!(
        world.post("/introspect", As::Bearer("x"), &form).await.refusal(),
        "401 invalid_token"
    );
    let without = world.post("/introspect", As::Bearer(&token), &form).await;
    assert_eq!(without.refusal(), "403 insufficient_scope");
    assert!(without.header("www-authenticate").unwrap().contains("scope=\"https://fireward.dev"));
    let scope = "https://fireward.dev/scopes/introspection";
    let ask = [("grant_type", "client_credentials"), ("scope", scope)];
    let right = world.post("/token", As::Basic("watcher", SECRET), &ask).await.text("access_token");
    assert_eq!(world.post("/introspect", As::Bearer(&right), &form).await.json()["active"], true);
    assert_eq!(world.get("/introspect").await.status, 405);
}

#[actix_web::test]
async fn d_30_a_person_cannot_let_an_app_look_into_the_tokens_of_others() {
    let world = World::new().await;
    let scope = "https://fireward.dev/scopes/introspection patient/*.rs";
    world
        .import(json!({
            "client_id": "nosy", "token_endpoint_auth_method": "none", "scope": scope,
            "grant_types": ["authorization_code"], "redirect_uris": [super::world::CALLBACK],
        }))
        .await;
    let code = world.approved("nosy", scope).await;
    let mut form = flow(&code);
    form[1].1 = "nosy";
    let nosy = world.token(&form).await.text("access_token");
    let token = tokens(&world).await.text("access_token");
    let asked = world.post("/introspect", As::Bearer(&nosy), &[("token", &token)]).await;
    assert_eq!(asked.refusal(), "403 insufficient_scope");
}

#[actix_web::test]
async fn a_refresh_token_is_told_to_its_client_while_it_is_the_newest() {
    let world = World::new().await;
    let code = world.approved("basic", SCOPE).await;
    let mut form = flow(&code).to_vec();
    form.remove(1);
    let who = As::Basic("basic", SECRET);
    let first = world.post("/token", who, &form).await.text("refresh_token");
    let asked =
        async |token: &str| world.post("/introspect", who, &[("token", token)]).await.json();
    let told = asked(&first).await;
    assert_eq!((&told["active"], &told["patient"]), (&json!(true), &json!("p1")));
    let again = [("grant_type", "refresh_token"), ("refresh_token", first.as_str())];
    let second = world.post("/token", who, &again).await.text("refresh_token");
    assert_eq!(asked(&first).await, inactive());
    assert_eq!(asked(&second).await["active"], true);
}

#[actix_web::test]
async fn f7_tokens_of_a_disabled_user_or_client_are_inactive() {
    let world = World::new().await;
    let token = tokens(&world).await.text("access_token");
    world.set_status(fireward_oauth::client::Status::Disabled).await;
    assert_eq!(watched(&world, &token).await.json(), inactive());
    let backend = for_itself(&world, "backend", "system/*.rs").await.text("access_token");
    assert_eq!(watched(&world, &backend).await.json()["active"], true);
    world.import(json!({
        "client_id": "backend", "grant_types": ["client_credentials"], "scope": "system/*.rs",
        "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://backend.example/jwks",
        "status": "disabled",
    })).await;
    assert_eq!(watched(&world, &backend).await.json(), inactive());
}

#[actix_web::test]
async fn d_30_a_resource_server_sees_the_tokens_that_are_made_for_it() {
    let world = World::new().await;
    let token = tokens(&world).await.text("access_token");
    let mine = ResourceServer { introspection_client: ClientId::parse("basic").ok(), ..server() };
    let saved = world.app.site.store.transact(async |tx| tx.resource_servers().save(&mine).await);
    saved.await.unwrap();
    let form = [("token", token.as_str())];
    let told = world.post("/introspect", As::Basic("basic", SECRET), &form).await.json();
    assert_eq!(told["active"], true);
}

#[actix_web::test]
async fn ti_3_every_member_of_the_token_answer_is_told_to_every_kind_of_caller() {
    let world = World::new().await;
    let context = LaunchContext {
        patient: Some("p1".into()),
        encounter: Some("e1".into()),
        fhir_context: vec![json!({"reference": "ImagingStudy/1", "role": "launch"})],
        intent: Some("reconcile".into()),
        need_patient_banner: Some(false),
        smart_style_url: Some("https://ehr.example/style.json".into()),
        tenant: Some("north".into()),
        app_context: Some("from the order".into()),
    };
    let members = context.members();
    assert_eq!(members.len(), 8, "a member more: add it above");
    let code = world.approved_with("app", SCOPE, context).await;
    let tokens = world.token(&flow(&code)).await;
    let token = tokens.text("access_token");
    let right = "https://fireward.dev/scopes/introspection";
    let form = [("grant_type", "client_credentials"), ("scope", right)];
    let bearer = world.post("/token", As::Basic("watcher", SECRET), &form);
    let bearer = bearer.await.text("access_token");
    let told = [
        watched(&world, &token).await.json(),
        world.post("/introspect", As::Bearer(&bearer), &[("token", &token)]).await.json(),
    ];
    for told in told {
        assert_eq!(told["active"], true, "{told}");
        for (name, value) in &members {
            assert_eq!(&tokens.json()[name], value, "{name} in the token answer");
            assert_eq!(&told[name], value, "{name} in introspection");
        }
    }
}
