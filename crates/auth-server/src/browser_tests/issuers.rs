use fireward_testkit::Browser;
use serde_json::Value;

use super::house::{CALLBACK, House, PASSWORD};

#[actix_web::test]
async fn h7_a_session_and_a_request_of_one_issuer_are_nothing_at_another() {
    let (one, other) = (House::new().await, House::new().await);
    let mut browser = one.signed_in("ana").await;
    let consent = browser.open(&one.request(&[])).await;
    assert!(consent.has("#approve"));
    // The same cookies, whatever their names, at another issuer.
    let header: Vec<_> =
        browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let port = |house: &House| house.issuer.rsplit(':').next().unwrap().to_owned();
    let renamed = header.join("; ").replace(&port(&one), &port(&other));
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    let http = http.build().unwrap();
    let asked = http.get(format!("{}{}", other.issuer, consent.at)).header("cookie", &renamed);
    assert_eq!(asked.send().await.unwrap().status(), 400, "no such request here");
    let account = http.get(other.request(&[("prompt", "none")])).header("cookie", &renamed);
    let location = account.send().await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    assert!(location.contains("error=login_required"), "{location}");
}

/// A form for an endpoint of an issuer: status, and error code or nothing.
pub(super) async fn post(issuer: &str, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.post(format!("{issuer}{path}")).form(form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

#[actix_web::test]
async fn h7_on_one_listener_and_in_one_database_nothing_of_one_issuer_counts_at_the_other() {
    let (one, two) = House::pair().await;
    let mut browser = Browser::new(one.issuer.strip_suffix("/one").unwrap());
    let scope = ("scope", "offline_access launch/patient patient/Patient.rs");
    let page = browser.open(&one.request(&[scope])).await;
    let page = one.sign_in(&mut browser, &page, "ana").await;
    // The session, under the name that the other's cookie has.
    let session = browser.cookies().iter().find(|(name, _)| name.contains("session")).unwrap();
    let (name, value) = (session.0.replace("one", "two"), session.1.clone());
    assert_ne!(name, *session.0, "each has a cookie of its own");
    browser.set_cookie(&name, &value);
    let silent = browser.open(&two.request(&[("prompt", "none")])).await;
    assert_eq!(silent.query("error").as_deref(), Some("login_required"));

    let code = browser.submit(&page, "#approve", &[]).await.query("code").unwrap();
    let redeem = [
        ("grant_type", "authorization_code"),
        ("client_id", "app"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    ];
    let (status, refused) = post(&two.issuer, "/token", &redeem).await;
    assert_eq!((status, &refused["error"]), (400, &"invalid_grant".into()));
    let (status, tokens) = post(&one.issuer, "/token", &redeem).await;
    assert_eq!(status, 200, "the other has not spent it: {tokens}");

    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", "app"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    let (status, refused) = post(&two.issuer, "/token", &refresh).await;
    assert_eq!((status, &refused["error"]), (400, &"invalid_grant".into()));
    let revoke = [refresh[1], ("token", refresh[2].1)];
    assert_eq!(post(&two.issuer, "/revoke", &revoke).await.0, 200, "whatever it was");
    assert_eq!(post(&one.issuer, "/token", &refresh).await.0, 200, "it lives");

    // At home it is a good token, though not one that tells who somebody is.
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for (issuer, status) in [(&two.issuer, 401), (&one.issuer, 403)] {
        let told = http.get(format!("{issuer}/userinfo"));
        let told = told.bearer_auth(tokens["access_token"].as_str().unwrap()).send().await;
        assert_eq!(told.unwrap().status(), status, "{issuer}");
    }
    // People of the one are nobody at the other: the same name is another account there.
    let page = browser.open(&two.request(&[])).await;
    let fields = [("username", "ana"), ("password", PASSWORD)];
    assert!(browser.submit(&page, "#sign-in", &fields).await.has("#approve"));
}
