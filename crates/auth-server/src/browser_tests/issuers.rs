use super::house::House;

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
