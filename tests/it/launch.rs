//! An EHR launches apps, through the endpoint that any EHR uses.

use fireward_jose::Algorithm;
use fireward_testkit::{Answer, Backend, Client, Database};
use serde_json::{Value, json};

use crate::world::{FHIR, ISSUER, PASSWORD, SECRET, World, again, allow, ana, sign_in};

const LAUNCHES: &str = "https://fireward.dev/scopes/launch-contexts";
const SCOPE: &str = "launch openid fhirUser offline_access patient/Patient.rs";

#[tokio::test]
async fn al_9_al_10_sc_13_to_sc_19_d_27_d_29_m2_ti_3_tl_2_a_launch_is_for_one_app_one_person_and_once()
 {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (plain, at) = (world.populate(), node.address());
    let app = Client::confidential("launchee", SECRET, SCOPE, FHIR);
    let mut metadata = app.metadata();
    metadata["launch_uris"] = json!(["https://app.example/launch?keep=1"]);
    world.import("client", &metadata);
    let other = app.clone().called("other");
    world.import("client", &other.metadata());
    let mut ben = ana();
    (ben["username"], ben["fhirUser"]) = (json!("ben"), json!("Practitioner/2"));
    world.import("user", &ben);
    let ehr = Backend::new("ehr", Algorithm::RS384);
    world.import("client", &ehr.metadata(LAUNCHES));
    let token = ehr.token(ISSUER, &at, LAUNCHES).await.text("access_token").to_owned();

    let url = format!("{at}/launch-contexts");
    let context = json!({
        "client_id": "launchee", "aud": FHIR, "user": "Patient/p1", "patient": "p1",
        "intent": "reconcile", "need_patient_banner": false, "tenant": "t-1",
        "appContext": "{\"step\":2}",
        "fhirContext": [{ "reference": "Observation/o1", "role": "https://ehr.example/focus" }],
    });
    let prepare = async |changed: Value| -> Answer {
        let mut body = context.clone();
        body.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        app.post_json(&url, &token, &body).await
    };
    // Who may not, and what is wrong, is said (AL-10, SC-17).
    assert_eq!(app.post_json(&url, "x", &context).await.status, 401);
    for wrong in [
        json!({ "client_id": "unknown" }),
        json!({ "aud": "https://other.example" }),
        json!({ "nonsense": 1 }),
        json!({ "fhirContext": [{ "reference": "Observation/o1", "role": "" }] }),
        json!({ "fhirContext": [{}] }),
        json!({ "fhirContext": [{ "reference": "Patient/p1" }] }),
        json!({ "user": "nobody" }),
        json!({ "launch_url": "https://app.example/launch" }),
        json!({ "patient": null, "encounter": "e1" }),
    ] {
        assert_eq!(prepare(wrong.clone()).await.refusal(), "400 invalid_request", "{wrong}");
    }
    let prepared = prepare(json!({})).await;
    assert_eq!(prepared.status, 201, "{}", prepared.body);
    let launch_url = url::Url::parse(prepared.text("launch_url")).unwrap();
    let pairs: Vec<_> = launch_url.query_pairs().into_owned().collect();
    let launch = prepared.text("launch").to_owned();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(pairs, [pair("keep", "1"), pair("iss", FHIR), pair("launch", &launch)], "AL-9");

    // M2: the handle is nothing to another app, with another person, or without its scope.
    let asked = [("launch", launch.as_str())];
    let mut browser = world.browser(&at);
    let page = browser.open(&other.authorize_url(ISSUER, &asked)).await;
    let refused =
        if page.has("#password") { sign_in(&mut browser, &page, PASSWORD).await } else { page };
    assert!(refused.query("error").is_some(), "{} {}", refused.at, refused.body);
    let unscoped = browser.open(&plain.authorize_url(ISSUER, &asked)).await;
    assert!(unscoped.query("code").is_none());
    let mut someone = world.browser(&at);
    let page = someone.open(&app.authorize_url(ISSUER, &asked)).await;
    let fields = [("username", "ben"), ("password", PASSWORD)];
    let refused = someone.submit(&page, "#sign-in", &fields).await;
    assert!(refused.query("code").is_none() && !refused.has("#approve"), "{}", refused.body);
    let unknown = browser.open(&app.authorize_url(ISSUER, &[("launch", "unknown")])).await;
    let error = unknown.query("error");
    assert!(
        matches!(error.as_deref(), Some("invalid_request" | "access_denied")),
        "{} {}",
        unknown.at,
        unknown.body
    );

    // D-29: reloading does no harm.
    let url = app.authorize_url(ISSUER, &asked);
    browser.open(&url).await;
    let page = browser.open(&url).await;
    let code = allow(&mut browser, &page).await;
    let tokens = app.redeem(&at, &code).await;
    let renewed = app.refresh(&at, tokens.text("refresh_token")).await;
    let told =
        app.post(&format!("{at}/introspect"), &[("token", renewed.text("access_token"))]).await;
    for answer in [&tokens, &renewed, &told] {
        let json = &answer.json;
        for name in
            ["patient", "intent", "need_patient_banner", "tenant", "fhirContext", "appContext"]
        {
            assert_eq!(json[name], context[name], "SC-16, TL-2, TI-3: {name} in {json}");
        }
        let style = json["smart_style_url"].as_str().unwrap().replace(ISSUER, &at);
        let style = app.send(|http| http.get(style)).await;
        assert!(style.status == 200 && style.json["color_background"].is_string(), "SC-19");
    }
    // And then it is used up.
    let used = browser.open(&app.authorize_url(ISSUER, &asked)).await;
    assert!(used.query("code").is_none(), "{}", used.at);
}

#[tokio::test]
async fn sc_14_sc_15_sc_24_d_10_oc_4_13_without_a_launch_a_patient_is_chosen_or_none_is_needed() {
    let world = World::new(Database::sqlite(), "");
    let node = world.node();
    let (app, at) = (world.populate(), node.address());
    let (mut browser, tokens) = world.tokens(&app, &at).await;
    assert_eq!(tokens.json["patient"], json!("p1"), "SC-15: the only record there is");
    let user_level = Client::confidential("user-level", SECRET, "openid fhirUser user/*.rs", FHIR);
    world.import("client", &user_level.metadata());
    let page = browser.open(&user_level.authorize_url(ISSUER, &[])).await;
    let tokens = user_level.redeem(&at, &allow(&mut browser, &page).await).await;
    assert!(tokens.json.get("patient").is_none(), "{}", tokens.json);
    assert_eq!(tokens.text("scope"), "openid fhirUser user/*.rs", "D-25: user stays user");
    assert!(tokens.json.get("refresh_token").is_none(), "SC-24: nobody asked for one");
    // SC-14: `launch` without a handle still leads to a patient.
    let launchee = Client::confidential("launchee", SECRET, SCOPE, FHIR);
    world.import("client", &launchee.metadata());
    let page = browser.open(&launchee.authorize_url(ISSUER, &[])).await;
    if page.has("#approve") {
        let tokens = launchee.redeem(&at, &allow(&mut browser, &page).await).await;
        assert_eq!(tokens.json["patient"], json!("p1"));
    } else {
        assert!(page.query("error").is_some(), "{} {}", page.at, page.body);
    }
    // Consent is remembered for the same request.
    again(&mut browser, &app.authorize_url(ISSUER, &[])).await;
}

#[tokio::test]
async fn al_8_sc_19_d_29_an_ehr_withdraws_a_launch_and_keeps_styles_by_their_content() {
    let world = World::new(Database::sqlite(), "[style]\ncolor_background = \"#102030\"\n");
    let node = world.node();
    let at = node.address();
    let app = Client::confidential("launchee", SECRET, SCOPE, FHIR);
    let mut metadata = app.metadata();
    metadata["launch_uris"] = json!(["https://app.example/one", "https://app.example/two"]);
    world.import("client", &metadata);
    world.import("user", &ana());
    let ehr = Backend::new("ehr", Algorithm::RS384);
    world.import("client", &ehr.metadata(LAUNCHES));
    let token = ehr.token(ISSUER, &at, LAUNCHES).await.text("access_token").to_owned();
    let night = json!({ "color_background": "#101418", "color_text": "#f0f0f0" });
    let styled = app.post_json(&format!("{at}/styles"), &token, &night).await;
    assert_eq!(styled.status, 201, "{}", styled.body);
    let style_url = styled.text("smart_style_url").to_owned();
    let ask = json!({
        "client_id": "launchee", "aud": FHIR, "patient": "p1", "smart_style_url": style_url,
        "launch_url": "https://app.example/two",
    });
    let url = format!("{at}/launch-contexts");
    let prepared = app.post_json(&url, &token, &ask).await;
    assert!(prepared.text("launch_url").starts_with("https://app.example/two?iss="));
    let one = format!("{url}/{}", prepared.text("id"));
    let seen = app.get(&one, &token).await;
    assert_eq!(
        (&seen.json["status"], &seen.json["smart_style_url"]),
        (&json!("waiting"), &json!(style_url))
    );
    let style = app.send(|http| http.get(style_url.replace(ISSUER, &at))).await;
    assert_eq!((style.json, style.status.as_u16()), (night, 200));
    // Taken back, the handle opens nothing, and the app is told so.
    assert_eq!(app.send(|http| http.delete(&one).bearer_auth(&token)).await.status, 204);
    let mut browser = world.browser(&at);
    let asked = [("launch", prepared.text("launch"))];
    let page = browser.open(&app.authorize_url(ISSUER, &asked)).await;
    let refused = sign_in(&mut browser, &page, PASSWORD).await;
    assert_eq!(refused.query("error").as_deref(), Some("invalid_request"), "{}", refused.at);
    let told = refused.query("error_description").unwrap();
    assert!(told.contains("start the app again from the EHR"), "{told}");
    // A launch without a style has the operator's.
    let plain = json!({ "client_id": "launchee", "aud": FHIR, "patient": "p1" });
    let id = app.post_json(&url, &token, &plain).await.text("id").to_owned();
    let seen = app.get(&format!("{url}/{id}"), &token).await;
    let own = seen.text("smart_style_url").replace(ISSUER, &at);
    let own = app.send(|http| http.get(own)).await;
    assert_eq!(own.json, json!({ "color_background": "#102030" }));
    assert_eq!(
        app.send(|http| http.get(format!("{at}/openapi.json"))).await.json["openapi"],
        json!("3.1.0")
    );
}
