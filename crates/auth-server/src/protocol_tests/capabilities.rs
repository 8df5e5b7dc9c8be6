//! Each capability is listed exactly when it works: every one is asked for, with it on and with it off.

use actix_web::test::TestRequest;
use fireward_oauth::{SessionToken, capability::Capability, metadata::paths};
use serde_json::{Value, json};

use super::{
    World,
    client_credentials::for_itself,
    people::session,
    wire::{As, name},
    world::{CALLBACK, FHIR, SECRET, VERIFIER},
};

fn request(scope: &str, client: &str, launch: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("scope", scope),
        ("state", "s1"),
        ("aud", FHIR),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ] {
        query.append_pair(name, value);
    }
    if let Some(launch) = launch {
        query.append_pair("launch", launch);
    }
    query.finish()
}

/// Signs Ana in, in a browser of her own: its cookie.
async fn sign_in(world: &World) -> String {
    let site = &world.app.site;
    let token = SessionToken::draw(site.entropy.as_ref());
    let session = session(token.digest(), world.now());
    site.store.transact(async |tx| tx.sessions().insert(&session).await).await.unwrap();
    let cookie = fireward_web::session::cookie(site, &token);
    format!("{}={}", cookie.name(), cookie.value())
}

/// Whether a person would be asked, rather than the app be told that it cannot have it.
async fn may_ask(world: &World, scope: &str) -> bool {
    let answer = world.get(&format!("/authorize?{}", request(scope, "app", None))).await;
    let location = answer.header("location").unwrap_or_else(|| panic!("{answer:?}"));
    let asked = location.starts_with("/authorize/");
    assert!(asked || location.contains("error=invalid_"), "{location}");
    asked
}

/// What an EHR hears that prepares a launch.
async fn prepared(world: &World) -> (u16, Value) {
    let scope = "https://fireward.dev/scopes/launch-contexts";
    let ehr = for_itself(world, "ehr", scope).await.text("access_token");
    let body = json!({
        "client_id": "own", "aud": FHIR, "user": "Practitioner/1", "patient": "p1", "encounter": "e1",
    });
    let request = TestRequest::post().uri(paths::LAUNCH_CONTEXTS).set_json(body);
    let answer =
        world.call(request.insert_header((name("authorization"), format!("Bearer {ehr}"))));
    let answer = answer.await;
    (answer.status, answer.json())
}

/// The token answer of an app that the EHR launched, of somebody who is signed in.
async fn launched(world: &World) -> Value {
    let launch = prepared(world).await.1["launch"].as_str().unwrap().to_owned();
    let query = request("launch patient/*.rs user/*.rs", "own", Some(&launch));
    let asked = TestRequest::get().uri(&format!("/authorize?{query}"));
    let answer = world.call(asked.insert_header((name("cookie"), sign_in(world).await))).await;
    let location = url::Url::parse(answer.header("location").unwrap()).unwrap();
    let code = location.query_pairs().find(|(own, _)| own == "code");
    let code = code.unwrap_or_else(|| panic!("{location}")).1.into_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "own"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    world.token(&form).await.json()
}

/// Whether a client of that kind gets as far as its code, which is none.
async fn admits(world: &World, sender: As<'_>, form: &[(&str, &str)]) -> bool {
    let redeem = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", CALLBACK)];
    let form: Vec<_> = redeem.iter().chain(form).copied().collect();
    match world.post("/token", sender, &form).await.refusal().as_str() {
        "400 invalid_grant" => true,
        "401 invalid_client" => false,
        other => panic!("{other}"),
    }
}

/// Whether a capability works.
async fn works(world: &World, capability: Capability) -> bool {
    let assertion = [
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &*world.assertion("keyed", &json!({}))),
    ];
    match capability {
        Capability::LaunchEhr => prepared(world).await.0 == 201,
        Capability::LaunchStandalone | Capability::ContextStandalonePatient => {
            may_ask(world, "launch/patient patient/*.rs").await
        }
        Capability::AuthorizePost => {
            let form: Vec<_> =
                url::form_urlencoded::parse(request("openid", "app", None).as_bytes())
                    .into_owned()
                    .collect();
            let post = TestRequest::post().uri("/authorize").set_form(form);
            world.call(post).await.status == 303
        }
        Capability::ClientPublic => admits(world, As::Nobody, &[("client_id", "app")]).await,
        Capability::ClientConfidentialSymmetric => {
            admits(world, As::Basic("basic", SECRET), &[]).await
        }
        Capability::ClientConfidentialAsymmetric => admits(world, As::Nobody, &assertion).await,
        Capability::SsoOpenidConnect => {
            let found = world.get("/.well-known/openid-configuration").await.status == 200;
            let asked = may_ask(world, "openid fhirUser").await;
            assert_eq!(found, asked);
            found
        }
        Capability::ContextBanner => launched(world).await.get("need_patient_banner").is_some(),
        Capability::ContextStyle => launched(world).await.get("smart_style_url").is_some(),
        Capability::ContextEhrPatient => {
            let told = launched(world).await;
            let patient = told.get("patient").is_some();
            assert_eq!(told["scope"].as_str().unwrap().contains("patient/"), patient);
            patient
        }
        Capability::ContextEhrEncounter => launched(world).await.get("encounter").is_some(),
        Capability::ContextStandaloneEncounter => may_ask(world, "launch/encounter").await,
        Capability::PermissionOffline => may_ask(world, "offline_access").await,
        Capability::PermissionOnline => may_ask(world, "online_access").await,
        Capability::PermissionPatient => may_ask(world, "patient/Condition.r").await,
        Capability::PermissionUser => may_ask(world, "user/*.rs").await,
        Capability::PermissionV1 => may_ask(world, "user/*.read").await,
        Capability::PermissionV2 => may_ask(world, "user/Observation.rs").await,
    }
}

async fn listed(world: &World) -> Vec<String> {
    let path = format!("/.well-known/smart-configuration?aud={FHIR}");
    let document = world.get(&path).await.json();
    document["capabilities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap().into())
        .collect()
}

#[actix_web::test]
async fn d_27_cf_5_every_capability_that_is_listed_works() {
    let world = World::new().await;
    let names = listed(&world).await;
    assert_eq!(names.len(), Capability::VARIANTS.len());
    for capability in Capability::VARIANTS {
        assert!(names.contains(&capability.to_string()), "{capability}");
        assert!(works(&world, *capability).await, "{capability}");
    }
}

#[actix_web::test]
async fn d_27_cf_5_none_that_is_turned_off_is_listed_or_works() {
    for capability in Capability::VARIANTS {
        let world = World::without(*capability).await;
        let names = listed(&world).await;
        assert!(!names.contains(&capability.to_string()), "{capability} is listed");
        assert_eq!(names.len(), Capability::VARIANTS.len() - 1);
        assert!(!works(&world, *capability).await, "{capability} works");
    }
}

#[actix_web::test]
async fn cf_4_documents_promise_nothing_that_is_off() {
    let path = format!("/.well-known/smart-configuration?aud={FHIR}");
    let world = World::without(Capability::SsoOpenidConnect).await;
    let document = world.get(&path).await.json();
    assert_eq!(document.get("issuer"), None, "CF-4: only with sso-openid-connect");
    assert!(!document["scopes_supported"].to_string().contains("openid"));
    let world = World::without(Capability::ClientConfidentialAsymmetric).await;
    let document = world.get(&path).await.json();
    assert_eq!(document.get("token_endpoint_auth_signing_alg_values_supported"), None);
    assert!(!document["token_endpoint_auth_methods_supported"].to_string().contains("jwt"));
    let world = World::without(Capability::PermissionOffline).await;
    assert!(!world.get(&path).await.body.contains("offline_access"));
}
