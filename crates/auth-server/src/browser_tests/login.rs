use super::house::{House, PASSWORD};

#[actix_web::test]
async fn l1_every_sign_in_makes_a_new_session_and_drops_what_was_set_before() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let session = |browser: &fireward_testkit::Browser| {
        let found = browser.cookies().iter().find(|(name, _)| name.contains("session"));
        found.map(|(_, value)| value.clone())
    };
    let first = session(&browser).unwrap();
    house.advance(5);
    let page = browser.open(&house.request(&[("prompt", "login")])).await;
    house.sign_in(&mut browser, &page, "ana").await;
    let second = session(&browser).unwrap();
    assert_ne!(first, second);
    let site = &house.app.site;
    let old = fireward_oauth::SessionToken::parse(&first).unwrap().digest();
    assert!(site.store.read().sessions().find(&site.id, &old).await.unwrap().is_none());
}

#[actix_web::test]
async fn l2_credentials_from_elsewhere_are_not_even_tried() {
    let house = House::new().await;
    let mut browser = house.browser();
    let page = browser.open(&house.request(&[])).await;
    let fields = [("username", "ana"), ("password", PASSWORD), ("csrf", "x")];
    let stale = browser.submit(&page, "#sign-in", &fields).await;
    assert_eq!(stale.status, 403);
    assert!(!browser.cookies().keys().any(|name| name.contains("session")));
    let form = [("username", "ana"), ("password", PASSWORD)];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let foreign = house.browser().once(&reqwest::Method::POST, "/login", Some(&form)).await;
    assert_eq!(foreign.status, 403);
    assert!(!foreign.headers.contains_key("set-cookie"));
}

#[actix_web::test]
async fn b1_unknown_wrong_and_disabled_look_the_same() {
    let house = House::new().await;
    let mut seen = Vec::new();
    for (username, password) in [("ana", "wrong"), ("zoe", "wrong"), ("disabled", PASSWORD)] {
        let mut browser = house.browser();
        let page = browser.open(&format!("{}/login?for=apps", house.issuer)).await;
        let fields = [("username", username), ("password", password)];
        let answer = browser.submit(&page, "#sign-in", &fields).await;
        let token = answer.values("csrf").concat();
        let body = answer.body.replace(username, "").replace(&token, "");
        seen.push((answer.status, body, answer.headers.contains_key("set-cookie")));
    }
    assert_eq!(seen[0].0, 400);
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], seen[2]);
}

#[actix_web::test]
async fn after_ten_failures_an_account_waits_and_the_right_password_does_too() {
    let house = House::new().await;
    let mut browser = house.browser();
    let mut page = browser.open(&format!("{}/login", house.issuer)).await;
    for _ in 0..10 {
        page =
            browser.submit(&page, "#sign-in", &[("username", "Ana"), ("password", "wrong")]).await;
        assert_eq!(page.status, 400);
    }
    page = browser.submit(&page, "#sign-in", &[("username", "ana"), ("password", PASSWORD)]).await;
    assert_eq!(page.status, 429);
    assert!(page.headers.contains_key("retry-after"));
    house.advance(301);
    let page =
        browser.submit(&page, "#sign-in", &[("username", "ana"), ("password", PASSWORD)]).await;
    assert!(browser.cookies().keys().any(|name| name.contains("session")), "{}", page.body);
}

#[actix_web::test]
async fn b5_a_stranger_cannot_shut_the_owner_of_an_account_out() {
    let house = House::new().await;
    let mut stranger = house.browser().saying("x-forwarded-for", "198.51.100.7");
    let mut page = stranger.open(&format!("{}/login", house.issuer)).await;
    let guess = [("username", "ana"), ("password", "wrong")];
    while page.status != 429 {
        page = stranger.submit(&page, "#sign-in", &guess).await;
    }
    let mut owner = house.browser();
    let page = owner.open(&format!("{}/login", house.issuer)).await;
    let right = [("username", "ana"), ("password", PASSWORD)];
    let page = owner.submit(&page, "#sign-in", &right).await;
    assert!(owner.cookies().keys().any(|name| name.contains("session")), "{}", page.body);
}

#[actix_web::test]
async fn nobody_is_sent_to_an_address_of_a_strangers_after_signing_in() {
    let house = House::new().await;
    for to in ["https://evil.example", "//evil.example", "/evil", "account/../evil"] {
        let mut browser = house.browser();
        let page = browser.open(&format!("{}/login?for={to}", house.issuer)).await;
        let fields = [("username", "ana"), ("password", PASSWORD)];
        let after = browser.submit(&page, "#sign-in", &fields).await;
        assert_eq!(after.at, "/account");
    }
}

#[actix_web::test]
async fn not_you_ends_the_session_and_somebody_else_may_sign_in() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let consent = browser.open(&house.request(&[])).await;
    let login = browser.submit(&consent, "#not-you", &[]).await;
    assert!(login.has("#username"), "{}", login.body);
    assert!(!browser.cookies().keys().any(|name| name.contains("session")));
    let picker = house.sign_in(&mut browser, &login, "clinician").await;
    assert!(picker.has("#choose-patient"), "{}", picker.at);
}

#[actix_web::test]
async fn prompt_select_account_lets_whoever_is_signed_in_go_on() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let page = browser.open(&house.request(&[("prompt", "select_account")])).await;
    assert!(page.has("#continue") && page.body.contains("ana Silva"));
    let form = [("csrf".to_owned(), page.values("csrf").remove(0))];
    let sent =
        browser.once(&reqwest::Method::POST, &format!("{}/continue", page.at), Some(&form)).await;
    let hub = format!("{}{}", house.issuer, sent.headers["location"].to_str().unwrap());
    assert!(browser.open(&hub).await.has("#approve"));
}
