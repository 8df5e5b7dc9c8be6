//! Backend services: clients that prove themselves by signature and act for nobody.

use fireward_jose::Algorithm::{ES256, ES384, EdDSA, PS256, RS256, RS384, RS512};
use fireward_testkit::{Backend, Database};
use serde_json::{Value, json};

use crate::world::{FHIR, ISSUER, SECRET, World, claims, header};

#[tokio::test]
async fn bs_1_to_bs_5_ca_1_ca_3_ca_5_ca_9_sc_11_j1_j10_j11_d_04_oc_2_06_oc_19_01_oc_20_01_backends_prove_themselves_by_signature()
 {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    for alg in [RS384, ES384, RS256, PS256, ES256, EdDSA] {
        let backend = Backend::new(&format!("backend-{alg}"), alg);
        world.import("client", &backend.metadata("system/Patient.rs system/Observation.rs"));
        let answer = backend.token(ISSUER, &at, "system/Patient.rs").await;
        assert_eq!(answer.status, 200, "CA-3 {alg} {}", answer.body);
        assert!(
            answer.json["expires_in"].as_u64().unwrap() <= 300
                && answer.json.get("refresh_token").is_none()
        );
        assert_eq!(answer.text("scope"), "system/Patient.rs", "BS-5");
        let token = answer.text("access_token");
        assert_eq!(header(token)["typ"], "at+jwt", "OC-20-01");
        let claims = claims(token);
        for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope"] {
            assert!(claims.get(name).is_some(), "{name}");
        }
        assert_eq!(
            (claims["aud"].as_str(), claims["sub"].as_str()),
            (Some(FHIR), Some(backend.id.as_str()))
        );
    }
    let unfit = Backend::new("unfit", RS512);
    world.import("client", &unfit.metadata("system/Patient.rs"));
    let answer = unfit.token(ISSUER, &at, "system/Patient.rs").await;
    assert_eq!(answer.refusal(), "401 invalid_client", "D-04");
    let backend = Backend::new("backend", ES384);
    world.import("client", &backend.metadata("system/Patient.rs system/Observation.rs"));
    for scope in [
        "system/*.cruds",
        "system/Patient.cruds",
        "user/Patient.rs",
        "patient/Patient.rs",
        "openid",
        "nonsense",
    ] {
        assert_eq!(
            backend.token(ISSUER, &at, scope).await.refusal(),
            "400 invalid_scope",
            "BS-3 {scope}"
        );
    }
    let soon = fireward_testkit::now();
    for changed in [
        json!({ "aud": "https://evil.example/token" }),
        json!({ "aud": null }),
        json!({ "iss": "other" }),
        json!({ "sub": "other" }),
        json!({ "sub": null }),
        json!({ "exp": soon + 3600 }),
        json!({ "exp": soon - 120 }),
        json!({ "exp": null }),
        json!({ "jti": null }),
    ] {
        let assertion = backend.assertion(&format!("{ISSUER}/token"), &changed);
        let answer = backend.token_with(&at, &assertion, "system/Patient.rs").await;
        assert_eq!(answer.refusal(), "401 invalid_client", "{changed}");
    }
    // OC-2-06, D-05: the issuer and the token endpoint are both who we are.
    for aud in [json!(ISSUER), json!([ISSUER]), json!(format!("{ISSUER}/token"))] {
        let assertion = backend.assertion(ISSUER, &json!({ "aud": aud }));
        let answer = backend.token_with(&at, &assertion, "system/Patient.rs").await;
        assert_eq!(answer.status, 200, "{aud} {}", answer.body);
    }
    let good = backend.assertion(&format!("{ISSUER}/token"), &json!({}));
    let [_, payload, _] = good.split('.').collect::<Vec<_>>()[..] else { panic!() };
    for head in
        [json!({ "alg": "none" }), json!({ "alg": "nOnE" }), json!({ "alg": "HS256", "kid": "k1" })]
    {
        let forged = format!("{}.{payload}.", fireward_jose::b64::encode(head.to_string()));
        assert_eq!(
            backend.token_with(&at, &forged, "system/Patient.rs").await.refusal(),
            "401 invalid_client",
            "J1"
        );
    }
    // BS-1, CS-2: a secret is no proof of a backend, and an app's secret opens no system scope.
    let form = [("grant_type", "client_credentials"), ("scope", "system/Patient.rs")];
    let with_secret = app.send(|http| {
        http.post(format!("{at}/token")).basic_auth("backend", Some(SECRET)).form(&form)
    });
    assert_eq!(with_secret.await.refusal(), "401 invalid_client");
    let document: Value =
        app.send(|http| http.get(format!("{at}/.well-known/smart-configuration"))).await.json;
    let lists =
        |name: &str, value: &str| document[name].as_array().unwrap().contains(&json!(value));
    assert!(lists("token_endpoint_auth_methods_supported", "private_key_jwt"), "CA-1");
    assert!(lists("token_endpoint_auth_signing_alg_values_supported", "RS384"));
    assert!(lists("capabilities", "client-confidential-asymmetric"));
}

#[tokio::test]
async fn ca_6_bs_5_an_assertion_that_was_used_stays_used_over_a_restart() {
    let world = World::new(Database::sqlite(), "");
    let backend = Backend::new("backend", RS384);
    let mut node = world.node();
    world.import("client", &backend.metadata("system/Patient.rs"));
    let assertion = backend.assertion(&format!("{ISSUER}/token"), &json!({}));
    let first = backend.token_with(&node.address(), &assertion, "system/Patient.rs").await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert!(first.json["expires_in"].as_u64().unwrap() <= 300);
    node.kill();
    let node = world.node();
    let again = backend.token_with(&node.address(), &assertion, "system/Patient.rs").await;
    assert_eq!(again.refusal(), "401 invalid_client");
    let fresh = backend.token(ISSUER, &node.address(), "system/Patient.rs").await;
    assert_eq!(fresh.status, 200, "the client itself goes on");
}

#[tokio::test]
async fn ti_2_ti_6_d_30_a_resource_server_introspects_by_an_assertion_of_its_own() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    let [watcher, stranger] = ["watcher", "stranger"].map(|id| Backend::new(id, ES384));
    world.import("client", &watcher.metadata("https://fireward.dev/scopes/introspection"));
    world.import("client", &stranger.metadata("system/*.rs"));
    let (_, tokens) = world.tokens(&app, &at).await;
    let asked = async |backend: &Backend, aud: &str, token: &str| {
        let assertion = backend.assertion(aud, &json!({}));
        let url = format!("{at}/introspect");
        let first = backend.post(&url, &assertion, &[("token", token)]).await;
        let again = backend.post(&url, &assertion, &[("token", token)]).await;
        (first, again.refusal())
    };
    // D-05: addressed to the issuer or to the token endpoint.
    for aud in [ISSUER.to_owned(), format!("{ISSUER}/token")] {
        let (told, again) = asked(&watcher, &aud, tokens.text("access_token")).await;
        assert_eq!(told.status, 200, "{aud} {}", told.body);
        assert_eq!(told.json["active"], true);
        for member in ["scope", "patient", "need_patient_banner"] {
            assert_eq!(told.json[member], tokens.json[member], "{member}");
        }
        assert_eq!(told.text("client_id"), app.id);
        assert_eq!(again, "401 invalid_client", "CA-6: an assertion counts once");
    }
    let (told, _) = asked(&watcher, ISSUER, tokens.text("refresh_token")).await;
    assert_eq!(told.json["active"], true, "{}", told.body);
    let (told, _) = asked(&stranger, ISSUER, tokens.text("access_token")).await;
    assert_eq!((told.status.as_u16(), told.json), (200, json!({ "active": false })));
    let (told, _) = asked(&watcher, "https://evil.example", tokens.text("access_token")).await;
    assert_eq!(told.refusal(), "401 invalid_client");
}
