use fireward_oauth::{AuthorizationId, authorize::Stage};
use fireward_store::grants::Search;
use reqwest::Method;

use super::house::House;

/// The id of the authorization whose page this is.
fn id(at: &str) -> String {
    at.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned()
}

#[actix_web::test]
async fn al_15_what_is_wrong_before_the_redirect_uri_is_proven_is_a_page() {
    let house = House::new().await;
    let mut browser = house.browser();
    for changes in [
        [("client_id", "nobody")],
        [("client_id", "")],
        [("redirect_uri", "https://evil.example/cb")],
        [("redirect_uri", "https://app.example/cb/../evil")],
        [("redirect_uri", "https://app.example@evil.com/cb")],
        [("redirect_uri", "javascript:alert(1)//")],
        [("redirect_uri", "http://app.example/cb")],
        [("redirect_uri", "")],
    ] {
        let page = browser.open(&house.request(&changes)).await;
        assert_eq!(page.status, 400, "{changes:?}");
        assert!(page.has("#error-code") && page.has("#request-id"), "{}", page.body);
        assert!(!page.headers.contains_key("location"));
        assert!(!page.body.contains("javascript:"));
    }
}

#[actix_web::test]
async fn r13_p1_what_is_sent_twice_is_a_page_or_an_error_for_the_app() {
    let house = House::new().await;
    let mut browser = house.browser();
    let twice = |name: &str, value: &str| format!("{}&{name}={value}", house.request(&[]));
    for (name, value) in [("redirect_uri", "https%3A%2F%2Fevil.example"), ("client_id", "app")] {
        assert_eq!(browser.open(&twice(name, value)).await.status, 400, "{name}");
    }
    for name in ["scope", "state", "response_type", "code_challenge"] {
        let page = browser.open(&twice(name, "x")).await;
        assert_eq!(page.query("error").as_deref(), Some("invalid_request"), "{name}");
        assert!(page.at.starts_with("https://app.example/cb?"));
        assert_eq!(page.query("iss").as_deref(), Some(house.issuer.as_str()));
    }
}

#[actix_web::test]
async fn m1_aud_is_required_and_must_be_ours() {
    let house = House::new().await;
    let mut browser = house.browser();
    for aud in ["", "https://fhir.evil.example"] {
        let page = browser.open(&house.request(&[("aud", aud)])).await;
        assert_eq!(page.query("error").as_deref(), Some("invalid_request"));
        assert_eq!(page.query("state").as_deref(), Some("s1"));
    }
}

#[actix_web::test]
async fn the_whole_way_ends_in_a_code_and_a_second_time_needs_nobody() {
    let house = House::new().await;
    let mut browser = house.browser();
    let login = browser.open(&house.request(&[])).await;
    assert!(login.has("#username") && login.at.starts_with("/login/"), "{}", login.at);
    let consent = house.sign_in(&mut browser, &login, "ana").await;
    assert!(consent.has("#approve") && consent.body.contains("Ana Silva"), "{}", consent.body);
    let done = browser.submit(&consent, "#approve", &[]).await;
    assert!(done.at.starts_with("https://app.example/cb?code="), "{}", done.at);
    assert_eq!(done.status, 303);
    assert_eq!(done.query("state").as_deref(), Some("s1"));
    assert_eq!(done.query("iss").as_deref(), Some(house.issuer.as_str()));
    // 3a.14: remembered, so it is answered at once; and with prompt=none too.
    for changes in [&[][..], &[("prompt", "none")]] {
        let again =
            browser.once(&Method::GET, &house.request(changes)[house.issuer.len()..], None).await;
        let location = again.headers["location"].to_str().unwrap();
        assert!(location.starts_with("https://app.example/cb?code="), "{location}");
    }
    // Back and reload after the answer are no second answer.
    let back = browser.open(&format!("{}/authorize/{}", house.issuer, id(&consent.at))).await;
    assert_eq!((back.status.as_u16(), back.has("#error-code")), (400, true));
}

#[actix_web::test]
async fn oc_4_03_prompt_none_shows_no_page_and_keeps_nothing() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.open(&house.request(&[("prompt", "none")])).await;
    assert_eq!(page.query("error").as_deref(), Some("login_required"));
    let mut ana = house.signed_in("ana").await;
    let page = ana.open(&house.request(&[("prompt", "none")])).await;
    assert_eq!(page.query("error").as_deref(), Some("consent_required"));
    let mut parent = house.signed_in("parent").await;
    let page = parent.open(&house.request(&[("prompt", "none")])).await;
    assert_eq!(page.query("error").as_deref(), Some("interaction_required"));
}

#[actix_web::test]
async fn l5_a_request_belongs_to_the_browser_that_began_it() {
    let house = House::new().await;
    let mut browser = house.browser();
    let login = browser.open(&house.request(&[])).await;
    let mut thief = house.browser();
    let without = thief.open(&format!("{}{}", house.issuer, login.at)).await;
    assert_eq!(without.status, 403);
    for path in ["authorize", "login", "patient", "context", "consent"] {
        let page = thief.open(&format!("{}/{path}/{}", house.issuer, id(&login.at))).await;
        assert_eq!(page.status, 403, "{path}");
        assert!(!page.has("#username"));
    }
}

#[actix_web::test]
async fn d_19_a_request_by_post_is_taken_up_by_the_browser_that_sent_it() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    // From another site: without our cookies.
    let query = house.query(&[]);
    let form: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let sent = house.browser().once(&Method::POST, "/authorize", Some(&form)).await;
    assert_eq!(sent.status, 303);
    assert!(!sent.headers.contains_key("set-cookie"), "the browser's own cookies must stay");
    let hub = sent.headers["location"].to_str().unwrap().to_owned();
    let consent = browser.open(&hub).await;
    assert!(consent.has("#approve"), "{} {}", consent.at, consent.body);
    // The handle works once.
    assert_eq!(house.browser().open(&hub).await.status, 403);
    let done = browser.submit(&consent, "#approve", &[]).await;
    assert!(done.query("code").is_some());
}

#[actix_web::test]
async fn l5_who_sent_a_request_by_post_chooses_nothing_for_who_takes_it_up() {
    let house = House::new().await;
    let query = house.query(&[]);
    let form: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let sent = house.browser().once(&Method::POST, "/authorize", Some(&form)).await;
    let hub = sent.headers["location"].to_str().unwrap().to_owned();
    let (page, handle) = hub.split_once("?handle=").unwrap();
    // The sender passes the handle off as their browser's own token, and picks a record.
    let mut sender = house.browser();
    let port = house.issuer.rsplit(':').next().unwrap();
    sender.set_cookie(&format!("fireward-{port}-browser"), handle);
    let login = sender.open(page).await;
    let picker = house.sign_in(&mut sender, &login, "parent").await;
    let consent = sender.submit(&picker, "#choose-patient", &[("patient", "p3")]).await;
    assert!(consent.has("#approve"), "{}", consent.at);
    // Another person follows the link: the choice of record is theirs.
    let mut victim = house.signed_in("parent").await;
    let page = victim.open(&hub).await;
    assert_eq!(page.values("patient"), ["p2", "p3"], "{}", page.at);
}

#[actix_web::test]
async fn a10_a11_signing_in_again_means_anew_and_as_the_one_who_is_expected() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let page = browser.open(&house.request(&[("prompt", "login")])).await;
    assert!(page.has("#password") && page.values("username").contains(&"ana".to_owned()));
    // Going on without signing in leads back to the same page: the old session satisfies nothing.
    let hub = format!("{}/authorize/{}", house.issuer, id(&page.at));
    assert!(browser.open(&hub).await.has("#password"));
    house.advance(1);
    let consent = house.sign_in(&mut browser, &page, "ana").await;
    assert!(consent.has("#approve"), "{}", consent.at);
    let bad = browser.open(&house.request(&[("id_token_hint", "a.b.c")])).await;
    assert_eq!(bad.query("error").as_deref(), Some("invalid_request"));
}

#[actix_web::test]
async fn a13_a_disabled_account_gets_no_code_even_with_a_live_session() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let site = &house.app.site;
    let mut ana =
        site.store.read().users().find_by_username(&site.id, "ana").await.unwrap().unwrap();
    ana.status = fireward_oauth::client::Status::Disabled;
    site.store.transact(async |tx| tx.users().save(&ana).await).await.unwrap();
    let page = browser.open(&house.request(&[])).await;
    assert_eq!(page.query("error").as_deref(), Some("access_denied"));
}

#[actix_web::test]
async fn an_expired_request_is_told_so() {
    let house = House::new().await;
    let mut browser = house.browser();
    let login = browser.open(&house.request(&[])).await;
    house.advance(31 * 60);
    let page = browser.open(&format!("{}{}", house.issuer, login.at)).await;
    assert_eq!(page.status, 400);
    let site = &house.app.site;
    let kept = AuthorizationId::parse(&id(&login.at)).unwrap();
    let kept = site.store.read().authorizations().find(&site.id, &kept).await.unwrap().unwrap();
    assert!(matches!(kept.stage, Stage::Open { .. }), "expiry is no stage");
}

#[actix_web::test]
async fn oc_0_02_a_head_request_has_no_effect_even_where_all_is_allowed_already() {
    let house = House::new().await;
    let mut browser = house.browser();
    let login = browser.open(&house.request(&[])).await;
    let consent = house.sign_in(&mut browser, &login, "ana").await;
    assert!(browser.submit(&consent, "#approve", &[]).await.query("code").is_some());
    let grants = async || {
        let store = house.app.site.store.read();
        let search =
            Search { issuer: house.app.site.id.clone(), client: None, subject: None, most: 9 };
        store.grants().search(&search).await.unwrap().len()
    };
    let before = grants().await;
    let path = &house.request(&[])[house.issuer.len()..];
    for method in [Method::HEAD, Method::GET] {
        let asked = browser.once(&method, path, None).await;
        let answered = asked.headers.contains_key("location");
        let (status, made) = (asked.status.as_u16(), grants().await - before);
        let expected = if method == Method::HEAD { (200, false, 0) } else { (303, true, 1) };
        assert_eq!((status, answered, made), expected, "{method}");
    }
    // Nor does it take a request over that came by POST, which would leave nothing for the person who follows it.
    let query = house.query(&[]);
    let form = url::form_urlencoded::parse(query.as_bytes()).into_owned();
    let form: Vec<_> = form.collect();
    let posted = browser.once(&Method::POST, "/authorize", Some(&form)).await;
    let handed = posted.headers["location"].to_str().unwrap().to_owned();
    let asked = browser.once(&Method::HEAD, &handed, None).await;
    assert_eq!((asked.status.as_u16(), asked.headers.contains_key("location")), (200, false));
    assert!(browser.open(&format!("{}{handed}", house.issuer)).await.query("code").is_some());
}
