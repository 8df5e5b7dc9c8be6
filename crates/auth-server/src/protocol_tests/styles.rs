use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{Answer, World, client_credentials::for_itself};

const SCOPE: &str = "https://fireward.dev/scopes/launch-contexts";
const ISSUER: &str = "http://localhost:8080";

async fn ehr(world: &World, id: &str) -> String {
    for_itself(world, id, SCOPE).await.text("access_token")
}

async fn register(world: &World, token: &str, style: &Value) -> Answer {
    let request = TestRequest::post().uri("/styles").set_json(style);
    world.call(request.insert_header(("authorization", format!("Bearer {token}")))).await
}

async fn remove(world: &World, token: &str, path: &str) -> Answer {
    let request = TestRequest::delete().uri(path);
    world.call(request.insert_header(("authorization", format!("Bearer {token}")))).await
}

fn path(url: &str) -> &str {
    url.strip_prefix(ISSUER).unwrap()
}

#[actix_web::test]
async fn d_27_sc_19_the_style_that_a_launch_names_can_be_fetched() {
    let world = World::new().await;
    let url = crate::style_url(&world.app);
    let answer = world.get(path(&url)).await;
    assert!(answer.json()["color_background"].is_string());
    assert!(answer.header("cache-control").unwrap().contains("immutable"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    for nothing in ["/styles/other.json", "/styles/0123456789012345678901.json", "/styles/x"] {
        assert_eq!(world.get(nothing).await.status, 404, "{nothing}");
    }
}

#[actix_web::test]
async fn sc_19_an_ehrs_style_has_a_url_that_changes_with_it() {
    let world = World::new().await;
    let token = ehr(&world, "ehr").await;
    let night = json!({"color_background": "#101418", "color_text": "#f0f0f0"});
    let kept = register(&world, &token, &night).await;
    assert_eq!(kept.status, 201, "{kept:?}");
    let url = kept.text("smart_style_url");
    assert_eq!(kept.header("location"), Some(url.as_str()));
    let served = world.get(path(&url)).await;
    assert_eq!(served.json(), night);
    assert!(served.header("cache-control").unwrap().contains("immutable"));
    let again = register(&world, &token, &night).await;
    assert_eq!((again.status, again.text("smart_style_url")), (200, url.clone()));
    let changed = json!({"color_background": "#101418", "color_text": "#ffffff"});
    let other = register(&world, &token, &changed).await.text("smart_style_url");
    assert_ne!(other, url);
    assert_eq!(world.get(path(&url)).await.json(), night, "the old one stays what it was");
    // Of two who registered the same, each removes their own.
    let mut second = json!([{
        "client_id": "other-ehr", "grant_types": ["client_credentials"], "scope": SCOPE,
        "token_endpoint_auth_method": "private_key_jwt",
    }]);
    second[0]["jwks"] = json!({"keys": [world.key.public_jwk().to_json()]});
    world.import(second).await;
    let others = ehr(&world, "other-ehr").await;
    assert_eq!(remove(&world, &others, path(&url)).await.status, 404);
    assert_eq!(register(&world, &others, &night).await.status, 201);
    assert_eq!(remove(&world, &token, path(&url)).await.status, 204);
    assert_eq!(world.get(path(&url)).await.status, 200);
    assert_eq!(remove(&world, &others, path(&url)).await.status, 204);
    assert_eq!(world.get(path(&url)).await.status, 404);
    let own = crate::style_url(&world.app);
    assert_eq!(remove(&world, &token, path(&own)).await.status, 404, "the operator's");
}

#[actix_web::test]
async fn sc_19_a_style_is_checked_and_only_an_ehr_registers_one() {
    let world = World::new().await;
    let token = ehr(&world, "ehr").await;
    for (style, told) in [
        (json!({}), "at least one"),
        (json!({"color_text": "red"}), "color_text"),
        (json!({"background": "#fff"}), "color_background"),
        (
            json!({"font_family_body": "x; } body { background: url(//evil.example)"}),
            "font_family_body",
        ),
        (json!(["#fff"]), "object"),
    ] {
        let answer = register(&world, &token, &style).await;
        assert_eq!(answer.refusal(), "400 invalid_request", "{style}");
        assert!(answer.text("error_description").contains(told), "{answer:?}");
    }
    let good = json!({"color_text": "#000000"});
    let backend = for_itself(&world, "backend", "system/*.rs").await.text("access_token");
    assert_eq!(register(&world, &backend, &good).await.refusal(), "403 insufficient_scope");
    assert_eq!(register(&world, "x", &good).await.refusal(), "401 invalid_token");
    let large = json!({"color_text": "x".repeat(70_000)});
    assert_eq!(register(&world, &token, &large).await.status, 413);
}

#[actix_web::test]
async fn z4_an_ehr_has_a_hundred_styles_at_most() {
    let world = World::new().await;
    let token = ehr(&world, "ehr").await;
    let style = |n: usize| json!({"dim_border_radius": format!("{n}px")});
    let mut last = String::new();
    for n in 0..100 {
        last = register(&world, &token, &style(n)).await.text("smart_style_url");
    }
    assert_eq!(register(&world, &token, &style(100)).await.status, 409);
    assert_eq!(register(&world, &token, &style(99)).await.status, 200, "known ones go on");
    remove(&world, &token, path(&last)).await;
    assert_eq!(register(&world, &token, &style(100)).await.status, 201);
}
