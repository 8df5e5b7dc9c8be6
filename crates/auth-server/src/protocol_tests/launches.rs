use actix_web::test::TestRequest;
use fireward_oauth::{
    ClientId, Digest, LaunchHandle, Lifetime,
    audit::Kind,
    launch::{Launch, LaunchContext},
};
use fireward_store::audit::Search;
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
    assert_eq!(
        answer.header("location"),
        Some(format!("http://localhost:8080/launch-contexts/{}", answer.text("id")).as_str())
    );
    let expected = format!(
        "https://app.example/launch?site=1&iss=http%3A%2F%2Flocalhost%3A8081%2Ffhir&launch={handle}"
    );
    assert_eq!(url, expected);
    let site = &world.app.site;
    let digest = LaunchHandle::parse(&handle).unwrap().digest();
    assert_ne!(answer.text("id"), handle);
    let kept = site.store.read().launches().find(&site.id, &digest).await.unwrap().unwrap();
    assert_eq!(kept.created_by.as_str(), "ehr");
    assert_eq!(kept.context.encounter.as_deref(), Some("e1"));
    assert_eq!(kept.context.need_patient_banner, Some(true), "D-27");
    assert_ne!(kept.digest, Digest::of("launch"));
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
        (json!({"patient": null, "encounter": "e1"}), "patient is missing"),
        (json!({"fhirContext": [{"role": "https://a.example/x"}]}), "fhirContext[0]"),
        (json!({"fhirContext": [{"reference": "Observation/1", "role": "x"}]}), "absolute URI"),
        (json!({"fhirContext": [{"reference": "Patient/1"}]}), "role other than launch"),
        (json!({"intent": ""}), "intent"),
        (json!({"intent": "order\nsign"}), "intent must have no control"),
        (json!({"tenant": "a\u{0}b"}), "tenant must have no control"),
        (json!({"tenant": "a\u{202e}b"}), "tenant must have no control"),
        (json!({"appContext": "a\u{0}b"}), "appContext must have no control"),
        (json!({"fhirContext": [{"identifier": {"value": "\u{0}"}}]}), "fhirContext[0]"),
        (json!({"appContext": "x".repeat(4_001)}), "appContext"),
        (json!({"launch_url": "https://app.example/launch"}), "launch_url"),
        (json!({"launch_url": "https://evil.example/"}), "launch_url"),
        (json!({"smart_style_url": "javascript:alert(1)"}), "smart_style_url"),
        (json!({"smart_style_url": "https://a@b.example/"}), "smart_style_url"),
        (json!({"smart_style_url": "https://b.example/#x"}), "smart_style_url"),
        (json!({"smart_style_url": "https://b.example\\@evil.example/"}), "smart_style_url"),
        (json!({"smart_style_url": "/styles/x.json"}), "smart_style_url"),
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

#[actix_web::test]
async fn al_8_of_several_launch_urls_the_ehr_chooses_a_registered_one() {
    let world = World::new().await;
    let urls = ["https://app.example/one", "https://app.example/two?x=1"];
    world
        .import(json!([{
            "client_id": "several", "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code"], "redirect_uris": ["https://app.example/cb"],
            "scope": "launch openid", "launch_uris": urls,
        }, {
            "client_id": "none", "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code"], "redirect_uris": ["https://app.example/cb"],
            "scope": "launch openid",
        }]))
        .await;
    let token = ehr(&world).await;
    let first = prepare(&world, &token, &ask(&json!({"client_id": "several"}))).await;
    assert!(first.text("launch_url").starts_with("https://app.example/one?iss="));
    let chosen = json!({"client_id": "several", "launch_url": urls[1]});
    let second = prepare(&world, &token, &ask(&chosen)).await;
    assert!(second.text("launch_url").starts_with("https://app.example/two?x=1&iss="));
    for near in [
        "https://app.example/two",
        "https://app.example/two?x=1&y=2",
        "https://app.example/One",
        "",
    ] {
        let body = json!({"client_id": "several", "launch_url": near});
        let answer = prepare(&world, &token, &ask(&body)).await;
        assert_eq!(answer.refusal(), "400 invalid_request", "{near}");
    }
    let without = prepare(&world, &token, &ask(&json!({"client_id": "none"}))).await;
    assert_eq!(without.status, 201);
    assert!(without.json().get("launch_url").is_none(), "{without:?}");
}

async fn of_one(world: &World, token: &str, (method, id): (&str, &str)) -> Answer {
    let request = TestRequest::default().method(method.parse().unwrap());
    let request = request.uri(&format!("/launch-contexts/{id}"));
    world.call(request.insert_header(("authorization", format!("Bearer {token}")))).await
}

#[actix_web::test]
async fn m2_an_ehr_sees_and_withdraws_its_own_launches_until_they_are_used() {
    let world = World::new().await;
    let token = ehr(&world).await;
    let told = json!({"encounter": "e1", "appContext": "step 2"});
    let prepared = prepare(&world, &token, &ask(&told)).await;
    let id = prepared.text("id");
    let seen = of_one(&world, &token, ("GET", &id)).await.json();
    for (name, value) in [
        ("status", json!("waiting")),
        ("client_id", json!("app")),
        ("aud", json!(FHIR)),
        ("user", json!("Practitioner/1")),
        ("launch_url", json!("https://app.example/launch?site=1")),
        ("encounter", json!("e1")),
        ("appContext", json!("step 2")),
        ("expires_in", json!(300)),
    ] {
        assert_eq!(seen[name], value, "{name}");
    }
    assert!(!seen.to_string().contains(&prepared.text("launch")), "the handle is told once");
    // Another EHR has no such launch, nor has anybody one by its handle.
    let mut other = json!([{
        "client_id": "other-ehr", "grant_types": ["client_credentials"], "scope": SCOPE,
        "token_endpoint_auth_method": "private_key_jwt",
    }]);
    other[0]["jwks"] = json!({"keys": [world.key.public_jwk().to_json()]});
    world.import(other).await;
    let others = for_itself(&world, "other-ehr", SCOPE).await.text("access_token");
    for method in ["GET", "DELETE"] {
        assert_eq!(of_one(&world, &others, (method, &id)).await.status, 404);
        let handle = prepared.text("launch");
        assert_eq!(of_one(&world, &token, (method, &handle)).await.status, 404);
        assert_eq!(of_one(&world, &token, (method, "x")).await.status, 404);
        assert_eq!(of_one(&world, "x", (method, &id)).await.refusal(), "401 invalid_token");
    }
    assert_eq!(of_one(&world, &token, ("DELETE", &id)).await.status, 204);
    assert_eq!(of_one(&world, &token, ("GET", &id)).await.status, 404);
    assert_eq!(of_one(&world, &token, ("PUT", &id)).await.status, 405);
    // Used and expired ones say so.
    let used = prepare(&world, &token, &ask(&json!({}))).await;
    let (site, digest) =
        (&world.app.site, LaunchHandle::parse(&used.text("launch")).unwrap().digest());
    let by = fireward_oauth::AuthorizationId::parse("a0").unwrap();
    let claim = site.store.transact(async |tx| tx.launches().claim(&site.id, &digest, &by).await);
    claim.await.unwrap();
    let id = used.text("id");
    assert_eq!(of_one(&world, &token, ("GET", &id)).await.json()["status"], "used");
    assert_eq!(of_one(&world, &token, ("DELETE", &id)).await.status, 409);
    let old = prepare(&world, &token, &ask(&json!({"expires_in": 1}))).await.text("id");
    world.advance(1);
    let seen = of_one(&world, &token, ("GET", &old)).await.json();
    assert_eq!((&seen["status"], &seen["expires_in"]), (&json!("expired"), &json!(0)));
}

#[actix_web::test]
async fn z4_an_ehr_has_only_so_many_launches_that_wait() {
    let world = World::new().await;
    let token = ehr(&world).await;
    let prepared = prepare(&world, &token, &ask(&json!({}))).await;
    let (site, now) = (&world.app.site, world.now());
    let launch = |n: usize| Launch {
        issuer: site.id.clone(),
        digest: Digest::of(&n.to_string()),
        client: ClientId::parse("app").unwrap(),
        resource_server: super::world::server().id,
        user: None,
        launch_url: None,
        context: LaunchContext::default(),
        created_by: ClientId::parse("ehr").unwrap(),
        created_at: now,
        expires_at: now.plus(Lifetime::seconds(100)),
        claimed_by: None,
    };
    let many = site.store.transact(async |tx| {
        for n in 1..1_000 {
            tx.launches().insert(&launch(n)).await?;
        }
        Ok(())
    });
    many.await.unwrap();
    let full = prepare(&world, &token, &ask(&json!({}))).await;
    assert_eq!(full.refusal(), "429 temporarily_unavailable");
    assert_eq!(full.header("retry-after"), Some("60"));
    assert!(full.text("error_description").contains("1000"), "{full:?}");
    // One withdrawn makes room for one; what has expired makes room by itself.
    assert_eq!(of_one(&world, &token, ("DELETE", &prepared.text("id"))).await.status, 204);
    assert_eq!(prepare(&world, &token, &ask(&json!({}))).await.status, 201);
    assert_eq!(prepare(&world, &token, &ask(&json!({}))).await.status, 429);
    world.advance(100);
    assert_eq!(prepare(&world, &token, &ask(&json!({}))).await.status, 201);
    let search = Search::newest(site.id.clone(), 50);
    let entries = site.store.read().audit().search(&search).await.unwrap();
    let withdrawn = entries.iter().find(|entry| entry.event.kind == Kind::LaunchWithdrawn);
    assert_eq!(withdrawn.unwrap().event.patient.as_deref(), Some("p1"));
}
