use actix_web::test::TestRequest;
use fireward_oauth::{Digest, LaunchHandle};
use serde_json::{Value, json};

use super::{Answer, World, client_credentials::for_itself, flow, world::FHIR};

const SCOPE: &str = "https://fireward.dev/scopes/launch-contexts";

async fn prepare(world: &World, token: &str, body: &Value) -> Answer {
    let request = TestRequest::post().uri("/launch-contexts").set_json(body);
    world.call(request.insert_header(("authorization", format!("Bearer {token}")))).await
}

async fn ehr(world: &World) -> String {
    for_itself(world, "ehr", SCOPE).await.text("access_token")
}

fn ask(changed: &Value) -> Value {
    let mut body =
        json!({"client_id": "app", "aud": FHIR, "user": "Practitioner/1", "patient": "p1"});
    for (name, value) in changed.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[actix_web::test]
async fn al_9_al_10_an_ehr_gets_a_handle_and_the_url_to_open() {
    let world = World::new().await;
    let answer = prepare(&world, &ehr(&world).await, &ask(&json!({"encounter": "e1"}))).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.json()["expires_in"], 300);
    let handle = answer.text("launch");
    let url = answer.text("launch_url");
    let expected = format!(
        "https://app.example/launch?site=1&iss=http%3A%2F%2Flocalhost%3A8081%2Ffhir&launch={handle}"
    );
    assert_eq!(url, expected);
    let site = &world.app.site;
    let digest = LaunchHandle::parse(&handle).unwrap().digest();
    let kept = site.store.read().launches().find(&site.id, &digest).await.unwrap().unwrap();
    assert_eq!(kept.created_by.as_str(), "ehr");
    assert_eq!(kept.context.encounter.as_deref(), Some("e1"));
    assert_eq!(kept.context.need_patient_banner, Some(true), "D-27");
    assert_ne!(kept.digest, Digest::of("launch"));
}

#[actix_web::test]
async fn d_27_sc_19_the_style_that_a_launch_names_can_be_fetched() {
    let world = World::new().await;
    let url = crate::style_url(&world.app);
    let answer = world.get(url.strip_prefix("http://localhost:8080").unwrap()).await;
    assert!(answer.json()["color_background"].is_string());
    assert!(answer.header("cache-control").unwrap().contains("immutable"));
    assert_eq!(world.get("/styles/other.json").await.status, 404);
}

#[actix_web::test]
async fn m2_what_an_ehr_says_is_checked_with_the_member_named() {
    let world = World::new().await;
    let token = ehr(&world).await;
    let cases = [
        (json!({"client_id": "nobody"}), "client_id"),
        (json!({"client_id": "backend"}), "launch"),
        (json!({"aud": "https://other.example"}), "aud"),
        (json!({"user": "Device/1"}), "user"),
        (json!({"user": "https://fhir.example/Practitioner/1"}), "user"),
        (json!({"patient": "Patient/p1"}), "FHIR id"),
        (json!({"fhirContext": [{"role": "x"}]}), "fhirContext"),
        (json!({"smart_style_url": "javascript:alert(1)"}), "smart_style_url"),
        (json!({"expires_in": 0}), "expires_in"),
        (json!({"expires_in": -1}), "body"),
        (json!({"pateint": "p1"}), "body"),
    ];
    for (changed, told) in cases {
        let answer = prepare(&world, &token, &ask(&changed)).await;
        assert_eq!(answer.refusal(), "400 invalid_request", "{changed}");
        assert!(answer.text("error_description").contains(told), "{answer:?}");
    }
    let longer = prepare(&world, &token, &ask(&json!({"expires_in": 86_400}))).await;
    assert_eq!(longer.json()["expires_in"], 300, "never longer than the issuer allows");
}

#[actix_web::test]
async fn m2_only_an_ehr_for_itself_prepares_launches() {
    let world = World::new().await;
    let code = world.approved("app", "openid launch/patient patient/*.rs").await;
    let persons = world.token(&flow(&code)).await.text("access_token");
    assert_eq!(
        prepare(&world, &persons, &ask(&json!({}))).await.refusal(),
        "403 insufficient_scope"
    );
    let backend = for_itself(&world, "backend", "system/*.rs").await.text("access_token");
    assert_eq!(
        prepare(&world, &backend, &ask(&json!({}))).await.refusal(),
        "403 insufficient_scope"
    );
    assert_eq!(prepare(&world, "x", &ask(&json!({}))).await.refusal(), "401 invalid_token");
    let nobody = TestRequest::post().uri("/launch-contexts").set_json(ask(&json!({})));
    assert_eq!(world.call(nobody).await.status, 401);
}

#[actix_web::test]
async fn oc_0_02_the_body_is_json() {
    let world = World::new().await;
    let token = ehr(&world).await;
    let request = || {
        let at = TestRequest::post().uri("/launch-contexts");
        at.insert_header(("authorization", format!("Bearer {token}")))
    };
    let form = request().set_form([("client_id", "app")]);
    assert_eq!(world.call(form).await.refusal(), "400 invalid_request");
    let broken = request().insert_header(("content-type", "application/json")).set_payload("{");
    assert_eq!(world.call(broken).await.refusal(), "400 invalid_request");
    let twice = r#"{"client_id": "app", "client_id": "other", "aud": "x"}"#;
    let twice = request().insert_header(("content-type", "application/json")).set_payload(twice);
    assert_eq!(world.call(twice).await.refusal(), "400 invalid_request");
}
