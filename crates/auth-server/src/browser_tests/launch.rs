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
        launch_url: None,
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
    let old = prepared(&house, "app", None).await;
    for launch in ["nothing", &of_other] {
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

#[actix_web::test]
async fn m2_at_a_shared_workstation_the_launchs_own_user_signs_in() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let launch = prepared(&house, "app", Some("Practitioner/1")).await;
    let asked = [SCOPE, ("launch", launch.as_str())];
    // Without a page, the app hears that somebody must sign in.
    let quiet = [asked.as_slice(), &[("prompt", "none")]].concat();
    let refused = browser.open(&house.request(&quiet)).await;
    assert_eq!(refused.query("error").as_deref(), Some("login_required"));
    // With one, the person is told who is signed in, and that it should be somebody else.
    let page = browser.open(&house.request(&asked)).await;
    assert!(page.has("#sign-in") && page.has("#other-user"), "{} {}", page.at, page.body);
    assert!(!page.body.contains("Bea Silva"), "whose record it is is not for them to know");
    // Who signs in as themselves once more is not the launch's user.
    let wrong = house.sign_in(&mut browser, &page, "ana").await;
    assert_eq!(wrong.query("error").as_deref(), Some("access_denied"));
    let told = wrong.query("error_description").unwrap();
    assert!(told.contains("another user"), "{told}");
    // The launch is still there for whom it is for, who is told where it comes from.
    let mut right = house.signed_in("ana").await;
    let page = right.open(&house.request(&asked)).await;
    let page = house.sign_in(&mut right, &page, "clinician").await;
    assert!(page.has("#approve") && page.body.contains("Bea Silva"), "{} {}", page.at, page.body);
    assert!(page.text("#opened-from").contains("ehr"), "{}", page.body);
    let alone = right.open(&house.request(&[("scope", "openid patient/Patient.rs")])).await;
    assert!(!alone.has("#opened-from"));
}

#[actix_web::test]
async fn d_29_a_launch_survives_prompt_login_max_age_and_a_slow_hand() {
    let house = House::new().await;
    let mut browser = house.signed_in("clinician").await;
    let launch = prepared(&house, "app", Some("Practitioner/1")).await;
    house.advance(20);
    for neighbour in [("prompt", "login"), ("max_age", "10"), ("max_age", "0")] {
        let mut browser = house.signed_in("clinician").await;
        house.advance(15);
        let asked = [SCOPE, ("launch", launch.as_str()), neighbour];
        let page = browser.open(&house.request(&asked)).await;
        assert!(page.has("#sign-in") && !page.has("#other-user"), "{neighbour:?} {}", page.at);
        let page = house.sign_in(&mut browser, &page, "clinician").await;
        assert!(page.has("#approve"), "{neighbour:?} {} {}", page.at, page.body);
    }
    // Signed in is signed in: nothing is asked again without a neighbour.
    let asked = [SCOPE, ("launch", launch.as_str()), ("max_age", "3600")];
    let page = browser.open(&house.request(&asked)).await;
    assert!(page.has("#approve"), "{}", page.at);
    // The app asked in time; that the person takes longer is not the launch's end.
    house.advance(290);
    assert!(browser.submit(&page, "#approve", &[]).await.query("code").is_some());
}
