use fireward_oauth::{AuthorizationId, audit::Kind, authorize::Stage};

use super::house::House;

/// What was granted in the end.
async fn granted(house: &House, consent_at: &str) -> String {
    let site = &house.app.site;
    let id = AuthorizationId::parse(consent_at.rsplit('/').next().unwrap()).unwrap();
    let kept = site.store.read().authorizations().find(&site.id, &id).await.unwrap().unwrap();
    let Stage::Approved { grant, .. } = kept.stage else { panic!("{:?}", kept.stage) };
    let grant = site.store.read().grants().find(&site.id, &grant).await.unwrap().unwrap();
    assert_eq!(grant.context.patient.as_deref(), Some("p1"));
    grant.granted.to_string()
}

#[actix_web::test]
async fn d_26_everything_on_is_granted_as_it_was_asked() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let page = browser.open(&house.request(&[])).await;
    browser.submit(&page, "#approve", &[]).await;
    let asked =
        "openid fhirUser launch/patient offline_access patient/Condition.rs patient/Patient.rs";
    // SC-20: Ana has no FHIR resource to be called by.
    assert_eq!(granted(&house, &page.at).await, asked.replace("fhirUser ", ""));
}

#[actix_web::test]
async fn a2_a_form_cannot_add_what_was_not_asked() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let page = browser.open(&house.request(&[])).await;
    let fields = [
        ("scope", "patient/Patient.rs"),
        ("scope", "patient/Observation.cruds"),
        ("scope", "system/*.cruds"),
        ("client_id", "other"),
        ("redirect_uri", "https://evil.example"),
        ("until", "year"),
    ];
    let done = browser.submit(&page, "#approve", &fields).await;
    assert!(done.at.starts_with("https://app.example/cb?code="));
    assert_eq!(granted(&house, &page.at).await, "openid launch/patient patient/Patient.rs");
}

#[actix_web::test]
async fn a4_a_consent_is_for_the_request_that_was_shown() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let one = browser.open(&house.request(&[])).await;
    let other = browser.open(&house.request(&[("scope", "openid patient/*.cruds")])).await;
    assert_ne!(one.at, other.at);
    let token = one.values("csrf").remove(0);
    let crossed = browser.submit(&other, "#approve", &[("csrf", &token)]).await;
    assert_eq!(crossed.status, 403);
    assert!(browser.submit(&other, "#approve", &[]).await.query("code").is_some());
}

#[actix_web::test]
async fn a_consent_that_somebody_else_was_shown_counts_for_nobody() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let shown_to_ana = browser.open(&house.request(&[])).await;
    let again = browser.open(&house.request(&[("prompt", "login"), ("client_id", "app")])).await;
    house.advance(1);
    let page = house.sign_in(&mut browser, &again, "clinician").await;
    // The clinician signed in where Ana was expected to sign in again.
    assert!(page.has("#choose-patient"), "{} {}", page.at, page.body);
    assert_eq!(browser.submit(&shown_to_ana, "#approve", &[]).await.status, 403);
}

#[actix_web::test]
async fn al_15_no_is_told_to_the_app_and_written_down() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let page = browser.open(&house.request(&[])).await;
    let done = browser.submit(&page, "#deny", &[]).await;
    assert_eq!(done.query("error").as_deref(), Some("access_denied"));
    assert_eq!(done.query("state").as_deref(), Some("s1"));
    let site = &house.app.site;
    let search = fireward_store::audit::Search::newest(site.id.clone(), 20);
    let entries = site.store.read().audit().search(&search).await.unwrap();
    let denied = entries.iter().find(|entry| entry.event.kind == Kind::ConsentDenied).unwrap();
    assert_eq!(denied.event.subject.as_ref().unwrap().as_str(), "ana");
    // Nothing is remembered of a no.
    assert!(browser.open(&house.request(&[])).await.has("#approve"));
}

#[actix_web::test]
async fn a_yes_to_nothing_is_asked_again() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let page = browser.open(&house.request(&[])).await;
    let again = browser.submit(&page, "#approve", &[("scope", "openid")]).await;
    assert!(again.has("#approve") && again.has("[role=alert]"), "{}", again.at);
}

#[actix_web::test]
async fn d_26_a_consent_that_comes_back_is_as_it_was_left() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let page = browser.open(&house.request(&[])).await;
    let left = [("scope", "openid"), ("scope", "offline_access"), ("until", "year")];
    let again = browser.submit(&page, "#approve", &left).await;
    let switches = again.values("scope");
    assert!(switches.len() > 3, "{switches:?}");
    for scope in switches {
        let on = again.has(&format!("input[type=checkbox][value='{scope}'][checked]"));
        assert_eq!(on, scope == "offline_access", "{scope}");
    }
    assert!(again.has("input[name=until][value=year][checked]"), "{}", again.body);
    // Unlike the first time, nothing more than what is on now is allowed.
    let more = [("scope", "openid"), ("scope", "patient/Patient.rs"), ("until", "year")];
    let done = browser.submit(&again, "#approve", &more).await;
    assert!(done.query("code").is_some(), "{}", done.at);
    assert_eq!(granted(&house, &page.at).await, "openid launch/patient patient/Patient.rs");
}

#[actix_web::test]
async fn l8_who_signs_out_before_the_answer_gets_no_code() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let page = browser.open(&house.request(&[])).await;
    let site = &house.app.site;
    let ana = fireward_oauth::UserId::parse("ana").unwrap();
    site.store
        .transact(async |tx| tx.sessions().end_all_for_user(&site.id, &ana).await)
        .await
        .unwrap();
    let after = browser.submit(&page, "#approve", &[]).await;
    assert_eq!(after.status, 403, "the form was for a session that is no more");
    assert!(browser.open(&format!("{}{}", house.issuer, page.at)).await.has("#username"));
}
