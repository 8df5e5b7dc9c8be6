use super::house::House;

#[actix_web::test]
async fn oc_8_01_the_person_is_asked_and_goes_back_to_a_registered_address() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let query =
        "client_id=app&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye&state=x%20y";
    let page = browser.open(&format!("{}/logout?{query}", house.issuer)).await;
    assert!(page.has("#confirm-logout"));
    assert!(browser.cookies().keys().any(|name| name.contains("session")), "not before the yes");
    let done = browser.submit(&page, "#confirm-logout", &[]).await;
    assert_eq!(done.at, "https://app.example/bye?state=x+y");
    assert!(!browser.cookies().keys().any(|name| name.contains("session")));
    assert!(browser.open(&house.request(&[])).await.has("#username"));
}

#[actix_web::test]
async fn r16_a_strangers_address_is_a_page_and_the_session_is_untouched() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    for uri in [
        "https%3A%2F%2Fevil.example%2Fbye",
        "https%3A%2F%2Fapp.example%2Fbye%2F..%2Fevil",
        "https%3A%2F%2Fapp.example%40evil.com%2Fbye",
        "javascript%3Aalert(1)",
    ] {
        let query = format!("client_id=app&post_logout_redirect_uri={uri}");
        let page = browser.open(&format!("{}/logout?{query}", house.issuer)).await;
        assert_eq!((page.status.as_u16(), page.has("#error-code")), (400, true), "{uri}");
    }
    let nameless = "post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye";
    assert_eq!(browser.open(&format!("{}/logout?{nameless}", house.issuer)).await.status, 400);
    let forged = "id_token_hint=a.b.c";
    assert_eq!(browser.open(&format!("{}/logout?{forged}", house.issuer)).await.status, 400);
    assert!(browser.open(&house.request(&[])).await.has("#approve"), "still signed in");
}

#[actix_web::test]
async fn a_post_from_an_app_is_asked_about_and_one_without_our_token_ends_nothing() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let form = [("client_id".to_owned(), "app".to_owned())];
    let sent = browser.once(&reqwest::Method::POST, "/logout", Some(&form)).await;
    assert_eq!(sent.headers["location"], "/logout?client_id=app");
    let forged = [("csrf".to_owned(), "x".to_owned())];
    assert_eq!(browser.once(&reqwest::Method::POST, "/logout", Some(&forged)).await.status, 403);
    assert!(browser.open(&house.request(&[])).await.has("#approve"));
}
