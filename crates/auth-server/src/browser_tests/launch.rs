use fireward_oauth::{
    ClientId, LaunchHandle, Lifetime, ResourceServerId,
    launch::{Launch, LaunchContext},
};
use reqwest::Method;

use super::house::House;

/// A launch that an EHR has prepared, and its handle.
async fn prepared(house: &House, client: &str, user: Option<&str>) -> String {
    let site = &house.app.site;
    let handle = LaunchHandle::draw(&*site.entropy);
    let launch = Launch {
        issuer: site.id.clone(),
        digest: handle.digest(),
        client: ClientId::parse(client).unwrap(),
        resource_server: ResourceServerId::parse("fhir").unwrap(),
        user: user.map(str::to_owned),
        context: LaunchContext {
            patient: Some("p2".into()),
            encounter: Some("e2".into()),
            need_patient_banner: Some(false),
            ..LaunchContext::default()
        },
        created_by: ClientId::parse("ehr").unwrap(),
        created_at: site.now(),
        expires_at: site.now().plus(Lifetime::minutes(5)),
        claimed_by: None,
    };
    site.store.transact(async |tx| tx.launches().insert(&launch).await).await.unwrap();
    handle.expose().to_owned()
}

const SCOPE: (&str, &str) = ("scope", "openid launch patient/Patient.rs");

#[actix_web::test]
async fn d_29_a_launch_is_consumed_with_the_code_and_not_before() {
    let house = House::new().await;
    let mut browser = house.signed_in("clinician").await;
    let launch = prepared(&house, "app", Some("Practitioner/1")).await;
    let changes = [SCOPE, ("launch", launch.as_str())];
    // SC-14: its patient is in context, nobody is asked to pick one; twice, as after a reload.
    for _ in 0..2 {
        let page = browser.open(&house.request(&changes)).await;
        assert!(page.has("#approve") && page.body.contains("Bea Silva"), "{}", page.at);
    }
    let page = browser.open(&house.request(&changes)).await;
    assert!(browser.submit(&page, "#approve", &[]).await.query("code").is_some());
    let again = browser.open(&house.request(&changes)).await;
    assert_eq!(again.query("error").as_deref(), Some("invalid_request"));
}

#[actix_web::test]
async fn d_29_of_two_requests_with_one_launch_one_gets_a_code() {
    let house = House::new().await;
    let mut browser = house.signed_in("clinician").await;
    let launch = prepared(&house, "app", None).await;
    let changes = [SCOPE, ("launch", launch.as_str())];
    let one = browser.open(&house.request(&changes)).await;
    let other = browser.open(&house.request(&changes)).await;
    assert!(browser.submit(&one, "#approve", &[]).await.query("code").is_some());
    let late = browser.submit(&other, "#approve", &[]).await;
    assert_eq!(late.query("code"), None);
}

#[actix_web::test]
async fn m2_a_launch_that_is_unknown_anothers_or_old_gives_nothing() {
    let house = House::new().await;
    let mut browser = house.signed_in("clinician").await;
    let of_other = prepared(&house, "other", None).await;
    let of_somebody = prepared(&house, "app", Some("Practitioner/2")).await;
    let old = prepared(&house, "app", None).await;
    for launch in ["nothing", &of_other, &of_somebody] {
        let page = browser.open(&house.request(&[SCOPE, ("launch", launch)])).await;
        assert_eq!(page.query("error").as_deref(), Some("invalid_request"), "{launch}");
    }
    house.advance(301);
    let page = browser.open(&house.request(&[SCOPE, ("launch", &old)])).await;
    assert_eq!(page.query("error").as_deref(), Some("invalid_request"));
    // M5: nor to somebody who may not open that record.
    let fresh = prepared(&house, "app", None).await;
    let mut ana = house.signed_in("ana").await;
    let page = ana.open(&house.request(&[SCOPE, ("launch", &fresh)])).await;
    assert_eq!(page.query("error").as_deref(), Some("access_denied"));
}

#[actix_web::test]
async fn what_was_allowed_before_needs_no_page_in_a_launch_of_the_same_patient() {
    let house = House::new().await;
    let mut browser = house.signed_in("clinician").await;
    let first = prepared(&house, "app", None).await;
    let page = browser.open(&house.request(&[SCOPE, ("launch", &first)])).await;
    browser.submit(&page, "#approve", &[]).await;
    let second = prepared(&house, "app", None).await;
    let path = format!("/authorize?{}", house.query(&[SCOPE, ("launch", &second)]));
    let answer = browser.once(&Method::GET, &path, None).await;
    assert!(answer.headers["location"].to_str().unwrap().contains("code="));
}
