//! What the endpoints that programs speak to are sent, and the exact answers.

use fireward_testkit::{Answer, Client, Database, VERIFIER, until};
use serde_json::json;

use crate::world::{FHIR, ISSUER, SCOPE, SECRET, World, again};

const FORM: &str = "application/x-www-form-urlencoded";

async fn raw(
    app: &Client,
    url: &str,
    kind: &'static str,
    body: impl Into<reqwest::Body>,
) -> Answer {
    app.send(|http| {
        http.post(url)
            .basic_auth(&app.id, app.secret.as_deref())
            .header("content-type", kind)
            .body(body)
    })
    .await
}

#[tokio::test]
async fn p2_p4_p14_oc_0_02_oc_0_03_oc_0_04_oc_2_03_al_22_al_24_requests_that_are_no_requests() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    for path in ["/token", "/introspect", "/revoke"] {
        let url = format!("{at}{path}");
        let got = app.send(|http| http.get(&url).header("x-http-method-override", "POST")).await;
        assert_eq!((got.status.as_u16(), got.header("allow")), (405, "POST"), "P4 {path}");
        assert_eq!(app.send(|http| http.put(&url)).await.status, 405);
        for (kind, body) in [
            ("application/json", r#"{"grant_type":"refresh_token"}"#.to_owned()),
            ("text/plain", "grant_type=refresh_token".to_owned()),
            (FORM, "grant_type=%zz".to_owned()),
            (FORM, "grant_type=%ff%fe".to_owned()),
            (FORM, "token=a&token=b&grant_type=a&grant_type=b".to_owned()),
            (FORM, "client_id=app&client_id=app&grant_type=refresh_token&token=x".to_owned()),
        ] {
            let answer = raw(&app, &url, kind, body.clone()).await;
            assert_eq!(answer.refusal(), "400 invalid_request", "{path} {kind} {body}");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("pragma"), "no-cache");
            assert!(answer.header("content-type").starts_with("application/json"));
            assert_eq!(answer.header("server"), "", "O5");
        }
    }
    let token = format!("{at}/token");
    for (form, refusal) in [
        (&[("code", "x")][..], "400 invalid_request"),
        (&[("grant_type", "")], "400 invalid_request"),
        (
            &[("grant_type", "password"), ("username", "ana"), ("password", "x")],
            "400 unsupported_grant_type",
        ),
        (
            &[("grant_type", "urn:ietf:params:oauth:grant-type:device_code")],
            "400 unsupported_grant_type",
        ),
        (&[("grant_type", "authorization_code")], "400 invalid_request"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "")], "400 invalid_request"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "unknown")], "400 invalid_grant"),
        (
            &[("grant_type", "client_credentials"), ("scope", "system/*.rs")],
            "400 unauthorized_client",
        ),
        (
            &[("grant_type", "authorization_code"), ("code", "a"), ("code", "b")],
            "400 invalid_request",
        ),
    ] {
        let answer = app.post(&token, form).await;
        assert_eq!(answer.refusal(), refusal, "{form:?}");
        assert!(answer.json["error_description"].is_string(), "BS-4");
    }
    // OC-0-03: what stands in the query is never merged into the form.
    let merged = app
        .post(&format!("{token}?grant_type=refresh_token&refresh_token=x"), &[("code", "x")])
        .await;
    assert_eq!(merged.refusal(), "400 invalid_request");
}

#[tokio::test]
async fn al_19_cs_1_cs_2_c7_j13_d_23_oc_1_04_exactly_the_registered_method_proves_a_client() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    let mut posting = app.metadata();
    posting["client_id"] = json!("posting");
    posting["token_endpoint_auth_method"] = json!("client_secret_post");
    world.import("client", &posting);
    let url = format!("{at}/token");
    let nobody = Client::public("app", SCOPE, FHIR);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", "unknown")];
    let with = |more: &[(&'static str, &'static str)]| [&refresh[..], more].concat();
    for (form, refusal) in [
        (with(&[]), "401 invalid_client"),
        (with(&[("client_id", "app")]), "401 invalid_client"),
        (with(&[("client_id", "app"), ("client_secret", SECRET)]), "401 invalid_client"),
        (with(&[("client_id", "posting"), ("client_secret", SECRET)]), "400 invalid_grant"),
        (with(&[("client_id", "posting"), ("client_secret", "wrong")]), "401 invalid_client"),
        (with(&[("client_id", "unknown"), ("client_secret", SECRET)]), "401 invalid_client"),
        (with(&[("client_id", "app"), ("client_assertion", "a.b.c")]), "401 invalid_client"),
    ] {
        let answer = nobody.post_as_nobody(&url, &form).await;
        assert_eq!(answer.refusal(), refusal, "{form:?} {}", answer.body);
        assert_eq!(answer.header("www-authenticate"), "", "no Basic, no challenge");
    }
    let basic = async |id: &str, secret: &str, more: &[(&str, &str)]| {
        let form = [&refresh[..], more].concat();
        app.send(|http| http.post(&url).basic_auth(id, Some(secret)).form(&form)).await
    };
    assert_eq!(basic("app", SECRET, &[]).await.refusal(), "400 invalid_grant");
    assert_eq!(basic("app", SECRET, &[("client_id", "app")]).await.refusal(), "400 invalid_grant");
    let wrong = basic("app", "wrong", &[]).await;
    assert_eq!(wrong.refusal(), "401 invalid_client");
    assert!(wrong.header("www-authenticate").starts_with("Basic realm="));
    assert_eq!(basic("posting", SECRET, &[]).await.refusal(), "401 invalid_client");
    let two = basic("app", SECRET, &[("client_secret", SECRET)]).await;
    assert_eq!(two.refusal(), "400 invalid_request", "J13");
    let other = basic("app", SECRET, &[("client_id", "posting")]).await;
    assert!(matches!(other.refusal().as_str(), "400 invalid_request" | "401 invalid_client"));
    // D-23: a form-encoded secret is the same secret.
    let encoded = SECRET.replace('-', "%2D");
    assert_eq!(basic("app", &encoded, &[]).await.refusal(), "400 invalid_grant");
}

#[tokio::test]
async fn al_4_al_16_c1_c5_c9_k2_k5_r14_oc_1_02_oc_1_03_oc_3_02_oc_3_04_codes_are_for_one_client_verifier_and_address()
 {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    let mut other = app.metadata();
    other["client_id"] = json!("other");
    world.import("client", &other);
    let other = app.clone().called("other");
    let (mut browser, _) = world.tokens(&app, &at).await;
    let url = app.authorize_url(ISSUER, &[]);
    let long = "x".repeat(129);
    let redeem = async |code: &str, changed: (&str, &str)| {
        let good = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", app.redirect_uri.as_str()),
            ("code_verifier", VERIFIER),
        ];
        let kept = good.into_iter().filter(|(name, _)| *name != changed.0);
        let form: Vec<_> = kept.chain([changed]).filter(|(_, value)| !value.is_empty()).collect();
        app.token(&at, &form).await.refusal()
    };
    for (name, value) in [
        ("code_verifier", ""),
        ("code_verifier", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_verifier", &VERIFIER[..42]),
        ("code_verifier", long.as_str()),
        ("code_verifier", "dBjftJeZ4CVP+mB92K27uhbUJU1p1r/wW1gFWFOEjXk"),
        ("redirect_uri", ""),
        ("redirect_uri", "http://127.0.0.1:9/cb/"),
        ("redirect_uri", "http://127.0.0.1:8/cb"),
    ] {
        let code = again(&mut browser, &url).await;
        let refusal = redeem(&code, (name, value)).await;
        assert!(
            matches!(refusal.as_str(), "400 invalid_grant" | "400 invalid_request"),
            "{name}={value}: {refusal}"
        );
    }
    let code = again(&mut browser, &url).await;
    let flipped = code.replace(|c: char| c.is_ascii_lowercase(), "a");
    for bad in [&code[..code.len() - 1], &format!("{code}A"), &flipped, &code.to_uppercase(), "x"] {
        assert_eq!(redeem(bad, ("", "")).await, "400 invalid_grant", "C5 {bad}");
    }
    // C9, D-17: whoever else it is shown to, it stays its client's.
    assert_eq!(other.redeem(&at, &code).await.refusal(), "400 invalid_grant");
    let tokens = app.redeem(&at, &code).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(app.redeem(&at, &code).await.refusal(), "400 invalid_grant", "C1");
    let told =
        app.post(&format!("{at}/introspect"), &[("token", tokens.text("access_token"))]).await;
    assert_eq!(told.json, json!({ "active": false }));
}

#[tokio::test]
async fn al_20_al_21_al_23_al_27_al_28_al_29_f1_f4_f5_f8_oc_1_05_oc_2_04_refresh_tokens_shrink_and_never_grow()
 {
    let world =
        World::new(Database::sqlite(), "[lifetimes]\nrefresh_grace = 0\naccess_token = 2\n");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    let mut metadata = app.metadata();
    metadata["client_id"] = json!("other");
    world.import("client", &metadata);
    let other = app.clone().called("other");
    let (_, first) = world.tokens(&app, &at).await;
    assert_eq!(
        (&first.json["expires_in"], &first.json["token_type"]),
        (&json!(2), &json!("Bearer"))
    );
    let token = first.text("refresh_token");
    let refresh = async |token: &str, scope: &str| {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
        app.token(&at, &form).await
    };
    assert_eq!(other.refresh(&at, token).await.refusal(), "400 invalid_grant", "F4");
    assert_eq!(refresh(token, "patient/*.cruds").await.refusal(), "400 invalid_scope", "F5");
    assert_eq!(refresh(token, "user/*.rs").await.refusal(), "400 invalid_scope");
    assert_eq!(
        app.refresh(&at, first.text("access_token")).await.refusal(),
        "400 invalid_grant",
        "F8"
    );
    let own = app.get(&format!("{at}/userinfo"), token).await;
    assert_eq!(own.status, 401, "F8");
    let less = refresh(token, "openid patient/Patient.rs").await;
    assert_eq!(less.text("scope"), "openid patient/Patient.rs");
    assert_eq!(
        (&less.json["patient"], &less.json["expires_in"]),
        (&json!("p1"), &json!(2)),
        "AL-29"
    );
    // Omitted again, it is what was granted at first.
    let whole = app.refresh(&at, less.text("refresh_token")).await;
    assert_eq!(whole.text("scope"), SCOPE, "AL-27");
    // AL-21: a token has its time.
    let introspect = format!("{at}/introspect");
    until("the access token is over", 10, async || {
        let form = [("token", whole.text("access_token"))];
        app.post(&introspect, &form).await.json == json!({ "active": false })
    })
    .await;
    assert_eq!(app.get(&format!("{at}/userinfo"), whole.text("access_token")).await.status, 401);
    // F1: without a grace, what was rotated ends the whole family.
    assert_eq!(app.refresh(&at, token).await.refusal(), "400 invalid_grant");
    assert_eq!(app.refresh(&at, whole.text("refresh_token")).await.refusal(), "400 invalid_grant");
}
