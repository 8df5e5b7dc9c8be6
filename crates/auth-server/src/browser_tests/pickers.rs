use super::house::House;

#[actix_web::test]
async fn a_clinician_searches_and_chooses() {
    let house = House::new().await;
    let mut browser = house.signed_in("clinician").await;
    let page = browser.open(&house.request(&[])).await;
    assert_eq!(page.values("patient"), ["p1", "p2", "p3", "p9"]);
    let found = browser.submit(&page, "#search", &[("q", "Bea")]).await;
    assert_eq!(found.values("patient"), ["p2"]);
    assert!(found.body.contains("MRN-p2"));
    let consent = browser.submit(&found, "#choose-patient", &[("patient", "p2")]).await;
    assert!(consent.has("#approve") && consent.body.contains("Bea Silva"), "{}", consent.at);
}

#[actix_web::test]
async fn a_further_page_is_one_of_ours_and_no_query_of_anybodys() {
    let house = House::new().await;
    let mut browser = house.signed_in("clinician").await;
    let page = browser.open(&house.request(&[])).await;
    let html = page.body.split("id=\"next\"").nth(1).unwrap();
    let href = html
        .split("href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    assert!(href.contains("after=_page%3D2"), "{href}");
    assert_eq!(browser.open(&href).await.status, 200);
    let forged = href.replace("_page%3D2", "_id%3Dp3");
    let page = browser.open(&forged).await;
    assert_eq!(page.values("patient").len(), 4, "a forged query is not asked");
    // Nor is one that is proven with all that the browser itself knows.
    let (before, proof) = forged.split_once("proof=").unwrap();
    let of_the_browser = proof.split_once('.').map(|(header, rest)| {
        let (_, signature) = rest.split_once('.').unwrap();
        let claims = r#"{"iss":"http://localhost:8080","page":"_id=p3"}"#;
        format!("{header}.{}.{signature}", fireward_jose::b64::encode(claims))
    });
    let page = browser.open(&format!("{before}proof={}", of_the_browser.unwrap())).await;
    assert_eq!(page.values("patient").len(), 4);
}

#[actix_web::test]
async fn m5_nobody_picks_a_record_that_is_not_theirs_by_altering_the_form() {
    let house = House::new().await;
    let mut browser = house.signed_in("parent").await;
    let page = browser.open(&house.request(&[])).await;
    assert_eq!(page.values("patient"), ["p2", "p3"]);
    for patient in ["p1", "p2/../p1", "nobody", "p2?x=1"] {
        let page = browser.submit(&page, "#choose-patient", &[("patient", patient)]).await;
        assert_eq!(page.status, 403, "{patient}");
    }
    let consent = browser.submit(&page, "#choose-patient", &[("patient", "p3")]).await;
    assert!(consent.body.contains("Cid Silva"), "{}", consent.at);
}

#[actix_web::test]
async fn a_picker_without_a_choice_asks_again_and_can_be_left() {
    let house = House::new().await;
    let mut browser = house.signed_in("parent").await;
    let page = browser.open(&house.request(&[])).await;
    let again = browser.submit(&page, "#choose-patient", &[]).await;
    assert!(again.has("[role=alert]") && again.has("#choose-patient"));
    let left = browser.submit(&again, "#cancel", &[]).await;
    assert_eq!(left.query("error").as_deref(), Some("access_denied"));
}

#[actix_web::test]
async fn who_has_no_record_is_told_so_and_goes_back_or_on_as_another() {
    let house = House::new().await;
    let mut browser = house.signed_in("nobody").await;
    let page = browser.open(&house.request(&[])).await;
    assert!(page.has("#switch-user") && !page.has("#choose-patient"), "{}", page.body);
    let left = browser.submit(&page, "#cancel", &[]).await;
    assert_eq!(left.query("error").as_deref(), Some("access_denied"));
    let page = browser.open(&house.request(&[])).await;
    let sign_in = browser.submit(&page, "#switch-user", &[]).await;
    let consent = house.sign_in(&mut browser, &sign_in, "ana").await;
    assert!(consent.has("#approve"), "{}", consent.at);
}

#[actix_web::test]
async fn who_meets_anothers_picker_says_not_you_and_goes_on() {
    let house = House::new().await;
    let mut browser = house.signed_in("clinician").await;
    let page = browser.open(&house.request(&[])).await;
    assert!(page.has("#choose-patient") && page.body.contains("clinician Silva"), "{}", page.body);
    let sign_in = browser.submit(&page, "#not-you", &[]).await;
    let consent = house.sign_in(&mut browser, &sign_in, "ana").await;
    assert!(consent.has("#approve"), "{}", consent.at);
}

#[actix_web::test]
async fn pains_3_an_app_for_all_records_sees_no_picker() {
    let house = House::new().await;
    let mut browser = house.signed_in("clinician").await;
    let page = browser.open(&house.request(&[("scope", "openid user/Patient.rs")])).await;
    assert!(page.has("#approve"), "{}", page.at);
}
