//! Requests that are pushed or signed, and answers that travel otherwise than in the query.

use fireward_jose::{Algorithm, JwkSet, Unverified, backend::rand::SystemRandom};
use fireward_oauth::client::registration::{Importing, SecretStrength, read_file};
use fireward_testkit::{Answer, Backend, Client, Page};
use serde_json::{Map, Value, json};

use super::house::{CALLBACK, House};

/// An app with keys, and what its registration says besides.
async fn register(house: &House, id: &str, extra: Value) -> Backend {
    let app = Backend::new(id, Algorithm::ES256);
    let mut metadata = json!({
        "client_id": id, "client_name": id, "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "none", "grant_types": ["authorization_code"],
        "scope": "openid fhirUser launch/patient patient/*.rs",
        "jwks": { "keys": [app.key.public_jwk().to_json()] },
        "authorization_signed_response_alg": "ES256",
    });
    metadata.as_object_mut().unwrap().extend(extra.as_object().cloned().unwrap_or_default());
    let site = &house.app.site;
    let importing =
        Importing { issuer: &site.id, secrets: SecretStrength::Strong, now: house.app.now() };
    let clients = read_file(metadata.to_string().as_bytes(), &importing).unwrap();
    let saved = site.store.transact(async |tx| tx.clients().save(&clients[0]).await).await;
    saved.unwrap();
    app
}

fn form(house: &House, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(house.query(changes).as_bytes()).into_owned().collect()
}

async fn push(house: &House, changes: &[(&str, &str)]) -> Answer {
    let form = form(house, changes);
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Client::public("app", "", "").post_as_nobody(&format!("{}/par", house.issuer), &form).await
}

fn at(house: &House, client: &str, uri: &str) -> String {
    let query = [("client_id", client), ("request_uri", uri), ("scope", "openid"), ("state", "x")];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    format!("{}/authorize?{query}", house.issuer)
}

#[actix_web::test]
async fn oc_12_01_oc_12_02_a_pushed_request_counts_alone_and_once() {
    let house = House::new().await;
    let pushed = push(&house, &[]).await;
    assert_eq!((pushed.status.as_u16(), pushed.header("cache-control")), (201, "no-store"));
    assert_eq!(pushed.json["expires_in"], 90);
    let url = at(&house, "app", pushed.text("request_uri"));
    // Somebody opens the link, and does not go on; another does.
    let mut first = house.browser();
    let seen = first.open(&url).await;
    let mut browser = house.browser();
    let login = browser.open(&url).await;
    assert!(seen.has("#username") && login.has("#username"), "{}", login.body);
    let consent = house.sign_in(&mut browser, &login, "ana").await;
    let done = browser.submit(&consent, "#approve", &[]).await;
    assert!(done.at.starts_with("https://app.example/cb?code="), "{}", done.at);
    assert_eq!(
        done.query("state").as_deref(),
        Some("s1"),
        "what was sent beside it does not count"
    );
    assert_eq!(first.open(&format!("{}{}", house.issuer, seen.at)).await.status, 403);
    for mut again in [browser, first, house.browser()] {
        let refused = again.open(&url).await;
        assert_eq!(
            refused.query("error").as_deref(),
            Some("invalid_request_uri"),
            "{}",
            refused.at
        );
        assert_eq!(refused.query("state").as_deref(), Some("s1"));
    }
}

#[actix_web::test]
async fn oc_12_02_a_pushed_request_is_of_its_client_and_expires() {
    let house = House::new().await;
    let pushed = push(&house, &[]).await;
    let uri = pushed.text("request_uri");
    let forged = format!("{}x", &uri[..uri.len() - 1]);
    for url in [at(&house, "other", uri), at(&house, "app", &forged), at(&house, "", uri)] {
        let page = house.browser().open(&url).await;
        assert_eq!(page.status, 400, "{url}");
        assert!(page.has("#error-code"));
    }
    house.advance(91);
    let late = house.browser().open(&at(&house, "app", uri)).await;
    assert_eq!(late.query("error").as_deref(), Some("invalid_request_uri"));
}

#[actix_web::test]
async fn oc_12_02_prompt_none_spends_a_pushed_request_too() {
    let house = House::new().await;
    let pushed = push(&house, &[("prompt", "none")]).await;
    let url = at(&house, "app", pushed.text("request_uri"));
    let mut browser = house.browser();
    assert_eq!(browser.open(&url).await.query("error").as_deref(), Some("login_required"));
    assert_eq!(browser.open(&url).await.query("error").as_deref(), Some("invalid_request_uri"));
}

#[actix_web::test]
async fn oc_12_01_r17_what_authorize_refuses_is_refused_at_once() {
    let house = House::new().await;
    let wrong: [(&[(&str, &str)], &str); 7] = [
        (&[("redirect_uri", "https://evil.example/cb")], "400 invalid_request"),
        (&[("redirect_uri", "")], "400 invalid_request"),
        (&[("request_uri", "urn:x")], "400 invalid_request"),
        (&[("code_challenge_method", "plain")], "400 invalid_request"),
        (&[("response_type", "token")], "400 unsupported_response_type"),
        (&[("scope", "nonsense")], "400 invalid_scope"),
        (&[("client_id", "nobody")], "401 invalid_client"),
    ];
    for (changes, expected) in wrong {
        assert_eq!(push(&house, changes).await.refusal(), expected, "{changes:?}");
    }
    let get = house.browser().open(&format!("{}/par", house.issuer)).await;
    assert_eq!((get.status.as_u16(), &get.headers["allow"]), (405, &"POST".parse().unwrap()));
}

#[actix_web::test]
async fn oc_12_02_a_client_that_must_push_cannot_do_otherwise() {
    let house = House::new().await;
    register(&house, "pusher", json!({"require_pushed_authorization_requests": true})).await;
    let page = house.browser().open(&house.request(&[("client_id", "pusher")])).await;
    assert_eq!(page.query("error").as_deref(), Some("invalid_request"));
    assert_eq!(push(&house, &[("client_id", "pusher")]).await.status, 201);
}

/// The usual request as the claims of an object.
fn claims(house: &House, id: &str, changes: &[(&str, &str)]) -> Value {
    let pairs = form(house, &[&[("client_id", id)], changes].concat());
    let mut claims: Map<String, Value> =
        pairs.into_iter().map(|(name, value)| (name, value.into())).collect();
    // The FHIR base goes by `resource`: `aud` is whom the object is for.
    let fhir = claims.insert("aud".to_owned(), house.issuer.as_str().into()).unwrap();
    claims.insert("resource".to_owned(), fhir);
    claims.insert("iss".to_owned(), id.into());
    claims.insert("exp".to_owned(), (house.app.now().unix() + 60).into());
    Value::Object(claims)
}

fn sign(app: &Backend, claims: &Value) -> String {
    app.key.sign("oauth-authz-req+jwt", claims, &SystemRandom::new()).unwrap()
}

fn signed_request(house: &House, id: &str, object: &str) -> String {
    let query = [("client_id", id), ("request", object), ("redirect_uri", CALLBACK)];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    format!("{}/authorize?{query}", house.issuer)
}

#[actix_web::test]
async fn oc_13_01_a_signed_request_is_taken_by_value_and_pushed() {
    let house = House::new().await;
    let app = register(&house, "signer", json!({"require_signed_request_object": true})).await;
    let object = sign(&app, &claims(&house, "signer", &[("state", "within")]));
    let mut browser = house.browser();
    let login = browser.open(&signed_request(&house, "signer", &object)).await;
    let consent = house.sign_in(&mut browser, &login, "ana").await;
    let done = browser.submit(&consent, "#approve", &[]).await;
    assert_eq!(done.query("state").as_deref(), Some("within"), "{}", done.at);
    assert!(done.query("code").is_some());

    let form = [("client_id", "signer"), ("request", object.as_str())];
    let par = format!("{}/par", house.issuer);
    assert_eq!(Client::public("signer", "", "").post_as_nobody(&par, &form).await.status, 201);
    let unsigned = house.browser().open(&house.request(&[("client_id", "signer")])).await;
    assert_eq!(unsigned.query("error").as_deref(), Some("invalid_request"));
}

#[actix_web::test]
async fn oc_13_01_d_14_a_bad_object_is_told_where_the_request_says_if_that_is_the_clients() {
    let house = House::new().await;
    let app = register(&house, "signer", json!({})).await;
    let mut late = claims(&house, "signer", &[]);
    late["exp"] = (house.app.now().unix() - 120).into();
    let stranger = Backend::new("signer", Algorithm::ES256);
    let objects =
        [sign(&app, &late), sign(&stranger, &claims(&house, "signer", &[])), "x.y.z".to_owned()];
    for object in &objects {
        let told = house.browser().open(&signed_request(&house, "signer", object)).await;
        assert!(told.at.starts_with("https://app.example/cb?"), "{}", told.at);
        assert_eq!(told.query("error").as_deref(), Some("invalid_request_object"));
        let elsewhere = signed_request(&house, "signer", object).replace("cb", "evil");
        assert_eq!(house.browser().open(&elsewhere).await.status, 400);
        let form = [("client_id", "signer"), ("request", object.as_str())];
        let pushed = Client::public("signer", "", "");
        let pushed = pushed.post_as_nobody(&format!("{}/par", house.issuer), &form).await;
        assert_eq!(pushed.refusal(), "400 invalid_request_object");
    }
    let keyless = house.browser().open(&signed_request(&house, "app", &objects[0])).await;
    assert_eq!(keyless.query("error").as_deref(), Some("request_not_supported"));
}

async fn answered(house: &House, client: &str, mode: &str) -> Page {
    let mut browser = house.signed_in("ana").await;
    let state = "a\"<b>&";
    let changes =
        [("client_id", client), ("response_mode", mode), ("state", state), ("prompt", "consent")];
    let consent = browser.open(&house.request(&changes)).await;
    browser.submit(&consent, "#approve", &[]).await
}

#[actix_web::test]
async fn oc_7_01_an_answer_is_posted_by_a_form_that_needs_no_script() {
    let house = House::new().await;
    let page = answered(&house, "app", "form_post").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.attribute("form#answer", "action").as_deref(), Some(CALLBACK));
    assert_eq!(page.attribute("form#answer", "method").as_deref(), Some("post"));
    assert_eq!(page.values("state"), ["a\"<b>&"]);
    assert_eq!(page.values("code").len(), 1);
    assert_eq!(page.values("iss"), [house.issuer.as_str()]);
    assert!(page.has("button#go-on") && !page.body.contains("a\"<b>"));
    assert!(page.headers["cache-control"].to_str().unwrap().contains("no-store"));
    let refused = house.request(&[("response_mode", "form_post"), ("scope", "nonsense")]);
    let refused = house.browser().open(&refused).await;
    assert_eq!(
        (refused.status.as_u16(), refused.values("error")),
        (200, vec!["invalid_scope".to_owned()])
    );
}

#[actix_web::test]
async fn oc_4_01_an_answer_travels_in_the_fragment_where_that_is_asked() {
    let house = House::new().await;
    let page = answered(&house, "app", "fragment").await;
    assert!(page.at.starts_with("https://app.example/cb#code="), "{}", page.at);
    let unknown = house.browser().open(&house.request(&[("response_mode", "web_message")])).await;
    assert_eq!(unknown.query("error").as_deref(), Some("invalid_request"));
}

#[actix_web::test]
async fn oc_7_02_a_signed_answer_is_one_parameter_of_the_issuers_key() {
    let house = House::new().await;
    register(&house, "jarm", json!({})).await;
    let jwks = house.browser().open(&format!("{}/jwks", house.issuer)).await;
    let keys = JwkSet::parse_lenient(jwks.body.as_bytes()).unwrap();
    for mode in ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
        let page = answered(&house, "jarm", mode).await;
        let response = match mode {
            "form_post.jwt" => page.values("response").remove(0),
            "fragment.jwt" => page.at.split_once("#response=").unwrap().1.to_owned(),
            _ => page.query("response").unwrap(),
        };
        assert!(!page.at.contains("code=") && page.values("code").is_empty());
        let jwt = Unverified::<Value>::parse(&response).unwrap();
        let key = keys.select(Algorithm::ES256, jwt.header().kid.as_deref()).unwrap();
        let claims = jwt.verify(key, &[Algorithm::ES256]).unwrap().into_claims();
        assert_eq!(claims["iss"], house.issuer.as_str());
        assert_eq!((&claims["aud"], &claims["state"]), (&json!("jarm"), &json!("a\"<b>&")));
        assert!(claims["code"].is_string() && claims["exp"].is_i64());
    }
    let url = house.request(&[("client_id", "jarm"), ("response_mode", "jwt"), ("prompt", "none")]);
    let refused = house.browser().open(&url).await.query("response").unwrap();
    assert_eq!(Unverified::<Value>::parse(&refused).unwrap().peek()["error"], "login_required");
}
