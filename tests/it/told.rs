//! Whom a token tells what: `UserInfo`, introspection, and its end by revocation.

use fireward_jose::Algorithm;
use fireward_testkit::{Backend, Database};
use serde_json::json;

use crate::world::{FHIR, ISSUER, SCOPE, World, claims};

const INTROSPECTION: &str = "https://fireward.dev/scopes/introspection";

#[tokio::test]
async fn i1_i4_i7_i8_oc_1_06_oc_4_10_oc_4_11_d_22_userinfo_is_for_a_living_token_of_a_person() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    let backend = Backend::new("backend", Algorithm::ES384);
    world.import("client", &backend.metadata("system/*.rs"));
    let (_, tokens) = world.tokens(&app, &at).await;
    let (url, token) = (format!("{at}/userinfo"), tokens.text("access_token"));
    let told = app.get(&url, token).await;
    assert_eq!((told.json["sub"].as_str(), told.status.as_u16()), (Some("ana"), 200));
    assert_eq!(told.json["fhirUser"], json!(format!("{FHIR}/Patient/p1")));
    assert!(told.json.get("name").is_none(), "OC-4-11: profile was not asked");
    assert_eq!(app.send(|http| http.post(&url).bearer_auth(token)).await.status, 200);
    let lower =
        app.send(|http| http.get(&url).header("authorization", format!("bearer {token}"))).await;
    assert_eq!(lower.status, 200, "D-12");
    let in_form = app.send(|http| http.post(&url).form(&[("access_token", token)])).await;
    assert_eq!(in_form.status, 200);
    let twice =
        app.send(|http| http.post(&url).bearer_auth(token).form(&[("access_token", token)])).await;
    assert_eq!(twice.refusal(), "400 invalid_request", "I4");
    let queried = app.send(|http| http.get(format!("{url}?access_token={token}"))).await;
    assert_eq!(queried.refusal(), "400 invalid_request", "I4");
    let bare = app.send(|http| http.get(&url)).await;
    assert_eq!(bare.status, 401);
    assert!(!bare.header("www-authenticate").contains("error="), "no token, no error");
    let longer = format!("{token}A");
    let changed = token.replacen('e', "f", 1);
    let id_token = tokens.text("id_token");
    for bad in [&token[..token.len() - 1], &longer, &changed, id_token, "x", "a.b.c"] {
        let answer = app.get(&url, bad).await;
        assert_eq!(answer.status, 401, "I1, I7 {bad}");
        assert!(answer.header("www-authenticate").contains("invalid_token"));
    }
    let machine = backend.token(ISSUER, &at, "system/*.rs").await;
    let answer = app.get(&url, machine.text("access_token")).await;
    assert_eq!(answer.status, 403, "I8");
    assert!(answer.header("www-authenticate").contains("insufficient_scope"));
    // CORS for the endpoints, on errors too (D-21).
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}

#[tokio::test]
async fn ti_1_to_ti_6_d_30_i2_oc_9_01_oc_10_01_who_may_ask_what_a_token_is_and_end_it() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    let mut metadata = app.metadata();
    metadata["client_id"] = json!("other");
    world.import("client", &metadata);
    let other = app.clone().called("other");
    let watcher = Backend::new("watcher", Algorithm::RS384);
    world.import("client", &watcher.metadata(INTROSPECTION));
    let (_, tokens) = world.tokens(&app, &at).await;
    let right = watcher.token(ISSUER, &at, INTROSPECTION).await;
    let (introspect, revoke) = (format!("{at}/introspect"), format!("{at}/revoke"));
    let token = tokens.text("access_token");
    let by_bearer = async |token: &str| {
        let form = [("token", token), ("token_type_hint", "nonsense")];
        let asked = app.send(|http| {
            http.post(&introspect).bearer_auth(right.text("access_token")).form(&form)
        });
        asked.await.json
    };
    let told = by_bearer(token).await;
    assert_eq!(told["active"], true, "TI-6: {told}");
    for (name, value) in [
        ("scope", json!(SCOPE)),
        ("client_id", json!("app")),
        ("patient", json!("p1")),
        ("iss", json!(ISSUER)),
        ("sub", json!("ana")),
        ("fhirUser", json!(format!("{FHIR}/Patient/p1"))),
        ("exp", claims(token)["exp"].clone()),
    ] {
        assert_eq!(told[name], value, "TI-2 to TI-4: {name} in {told}");
    }
    let dead = json!({ "active": false });
    assert_eq!(other.post(&introspect, &[("token", token)]).await.json, dead, "D-30");
    assert_eq!(app.post_as_nobody(&introspect, &[("token", token)]).await.status, 401);
    let with_less =
        app.send(|http| http.post(&introspect).bearer_auth(token).form(&[("token", token)])).await;
    assert!(
        with_less.status == 403 || with_less.json == dead || with_less.json["active"] == true,
        "{}",
        with_less.body
    );
    for unknown in ["x", "", "a.b.c"] {
        let answer = app.post(&introspect, &[("token", unknown)]).await;
        assert!(
            answer.json == dead || answer.refusal() == "400 invalid_request",
            "TI-5 {}",
            answer.body
        );
    }
    // OC-9-01: another's revocation does nothing, and does not say so.
    let theirs = other.post(&revoke, &[("token", token)]).await;
    assert_eq!(
        (theirs.status.as_u16(), by_bearer(token).await["active"].as_bool()),
        (200, Some(true))
    );
    assert_eq!(app.post(&revoke, &[("token", "unknown")]).await.status, 200);
    let ended = app
        .post(
            &revoke,
            &[("token", tokens.text("refresh_token")), ("token_type_hint", "access_token")],
        )
        .await;
    assert_eq!((ended.status.as_u16(), ended.body.as_str()), (200, ""));
    assert_eq!(by_bearer(token).await, dead, "with the refresh token its access tokens");
    assert_eq!(app.get(&format!("{at}/userinfo"), token).await.status, 401);
}
