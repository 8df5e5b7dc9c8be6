use actix_web::test::TestRequest;

use super::{World, client_credentials::for_itself, flow, wire::As};

async fn token(world: &World, scope: &str) -> String {
    let code = world.approved("app", scope).await;
    world.token(&flow(&code)).await.text("access_token")
}

#[actix_web::test]
async fn oc_4_10_d_22_userinfo_tells_what_the_scopes_allow() {
    let world = World::new().await;
    let token = token(&world, "openid profile email fhirUser").await;
    let told = world.get_as("/userinfo", &token).await.json();
    assert_eq!(told["sub"], "ana");
    assert_eq!(told["name"], "Ana Silva");
    assert_eq!(told["email"], "ana@example.org");
    assert_eq!(told["fhirUser"], "http://localhost:8081/fhir/Practitioner/1");
    let by_post = world.post("/userinfo", As::Bearer(&token), &[]).await;
    assert_eq!(by_post.json(), told);
    let in_form = world.post("/userinfo", As::Nobody, &[("access_token", &token)]).await;
    assert_eq!(in_form.json(), told);
    assert_eq!(in_form.header("cache-control"), Some("no-store"));
}

#[actix_web::test]
async fn oc_4_10_without_a_scope_nothing_is_told() {
    let world = World::new().await;
    let only_sub = world.get_as("/userinfo", &token(&world, "openid").await).await;
    assert_eq!(only_sub.body, "{\"sub\":\"ana\"}");
    let none = world.get_as("/userinfo", &token(&world, "launch/patient patient/*.rs").await).await;
    assert_eq!(none.refusal(), "403 insufficient_scope");
    assert!(none.header("www-authenticate").unwrap().contains("scope=\"openid\""));
}

#[actix_web::test]
async fn i4_oc_1_06_a_token_is_sent_once_and_never_in_the_query() {
    let world = World::new().await;
    let token = token(&world, "openid").await;
    let query = world.get(&format!("/userinfo?access_token={token}")).await;
    assert_eq!(query.refusal(), "400 invalid_request");
    let both = world.post("/userinfo", As::Bearer(&token), &[("access_token", &token)]).await;
    assert_eq!(both.refusal(), "400 invalid_request");
    let nobody = world.get("/userinfo").await;
    assert_eq!(nobody.status, 401);
    let challenge = nobody.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer realm=") && !challenge.contains("error"), "{challenge}");
    let lower = TestRequest::get()
        .uri("/userinfo")
        .insert_header(("authorization", format!("bearer {token}")));
    assert_eq!(world.call(lower).await.status, 200, "D-12");
}

#[actix_web::test]
async fn i8_a_client_for_itself_has_no_user() {
    let world = World::new().await;
    let token = for_itself(&world, "backend", "system/*.rs").await.text("access_token");
    assert_eq!(world.get_as("/userinfo", &token).await.refusal(), "403 insufficient_scope");
}

#[actix_web::test]
async fn i1_i7_mangled_expired_and_foreign_tokens_open_nothing() {
    let world = World::new().await;
    let token = token(&world, "openid").await;
    let stranger = World::at("http://localhost:9090").await;
    let foreign = self::token(&stranger, "openid").await;
    for bad in [&token[..token.len() - 1], &format!("{token}A"), &foreign] {
        assert_eq!(world.get_as("/userinfo", bad).await.refusal(), "401 invalid_token");
    }
    assert_eq!(world.get_as("/userinfo", &token).await.status, 200);
    world.wait(300).await;
    assert_eq!(world.get_as("/userinfo", &token).await.refusal(), "401 invalid_token");
}
