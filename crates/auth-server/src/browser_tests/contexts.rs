//! Picking a visit, a scan or a form, and doing without.

use fireward_oauth::grants::Grant;
use fireward_testkit::{Browser, Page};

use super::house::House;

const VISIT: &str = "openid launch/patient launch/encounter patient/Encounter.rs";

/// A clinician who has chosen this patient for an app that asks these scopes.
async fn chosen(house: &House, patient: &str, scope: &str) -> (Browser, Page) {
    let mut browser = house.signed_in("clinician").await;
    let picker = browser.open(&house.request(&[("scope", scope)])).await;
    let page = browser.submit(&picker, "#choose-patient", &[("patient", patient)]).await;
    (browser, page)
}

/// Says yes to all that was asked; the grant.
async fn allowed(house: &House, browser: &mut Browser, consent: &Page) -> Grant {
    assert!(consent.has("#approve"), "{} {}", consent.at, consent.body);
    let answer = browser.submit(consent, "#approve", &[]).await;
    let code = answer.query("code").unwrap_or_else(|| panic!("{} {}", answer.at, answer.body));
    let digest = fireward_oauth::Digest::of(&code);
    let read = house.app.site.store.read();
    read.authorizations().find_code(&house.app.site.id, &digest).await.unwrap().unwrap().grant
}

#[actix_web::test]
async fn m5_sc_15_a_visit_is_chosen_among_those_of_the_patient() {
    let house = House::new().await;
    let (mut browser, visits) = chosen(&house, "p1", VISIT).await;
    assert_eq!(visits.values("resource"), ["e1"]);
    let foreign = browser.submit(&visits, "#choose", &[("resource", "e2")]).await;
    assert_eq!(foreign.status, 403);
    let again = browser.submit(&visits, "#choose", &[]).await;
    assert!(again.has("[role=alert]") && again.has("#choose"), "{}", again.body);
    let consent = browser.submit(&again, "#choose", &[("resource", "e1")]).await;
    let grant = allowed(&house, &mut browser, &consent).await;
    assert_eq!(grant.context.encounter.as_deref(), Some("e1"));
    assert!(grant.granted.to_string().contains("launch/encounter"));
}

#[actix_web::test]
async fn sc_15_a_patient_without_visits_goes_on_without_one_or_not_at_all() {
    let house = House::new().await;
    let (mut browser, visits) = chosen(&house, "p3", VISIT).await;
    assert!(visits.has("#without") && !visits.has("#choose"), "{}", visits.body);
    assert!(visits.body.contains("No visit is recorded"), "{}", visits.body);
    let consent = browser.submit(&visits, "#without", &[]).await;
    let grant = allowed(&house, &mut browser, &consent).await;
    assert_eq!(grant.context.encounter, None);
    assert_eq!(grant.granted.to_string(), "openid launch/patient patient/Encounter.rs");
    let (mut browser, visits) = chosen(&house, "p3", VISIT).await;
    let left = browser.submit(&visits, "#cancel", &[]).await;
    assert_eq!(left.query("error").as_deref(), Some("access_denied"));
}

#[actix_web::test]
async fn a_fhir_server_that_answers_garbage_is_asked_again_and_nothing_is_lost() {
    let house = House::new().await;
    let (mut browser, down) = chosen(&house, "p9", VISIT).await;
    assert_eq!(down.status, 503);
    assert!(down.has("#retry") && down.has("#without") && down.has("#cancel"), "{}", down.body);
    let again = browser.open(&format!("{}{}", house.issuer, down.at)).await;
    assert_eq!(again.status, 503);
    let consent = browser.submit(&again, "#without", &[]).await;
    assert!(consent.has("#approve"), "{}", consent.body);
}

#[actix_web::test]
async fn sc_13_sc_17_every_role_is_picked_in_turn_and_handed_over_in_fhir_context() {
    let house = House::new().await;
    let scope = "launch/patient launch/imagingstudy?role=https://app.example/prior launch/imagingstudy \
         launch/questionnaire patient/Patient.rs";
    let (mut browser, scans) = chosen(&house, "p1", scope).await;
    assert!(scans.body.contains("https://app.example/prior"), "{}", scans.body);
    assert!(scans.body.contains("CT of the chest"));
    let second = browser.submit(&scans, "#choose", &[("resource", "i1")]).await;
    let stale = browser.submit(&scans, "#choose", &[("resource", "i1")]).await;
    assert_eq!(stale.values("context"), second.values("context"), "an older page decides nothing");
    let forms = browser.submit(&second, "#without", &[]).await;
    assert!(forms.body.contains("Sleep diary"), "{}", forms.body);
    let consent = browser.submit(&forms, "#choose", &[("resource", "q1")]).await;
    let grant = allowed(&house, &mut browser, &consent).await;
    let expected = serde_json::json!([
        {"reference": "ImagingStudy/i1", "type": "ImagingStudy", "role": "https://app.example/prior"},
        {"reference": "Questionnaire/q1", "type": "Questionnaire"},
    ]);
    assert_eq!(serde_json::Value::from(grant.context.fhir_context), expected);
    assert_eq!(
        grant.granted.to_string(),
        "launch/patient launch/imagingstudy?role=https://app.example/prior launch/questionnaire patient/Patient.rs"
    );
}

#[actix_web::test]
async fn sc_13_a_type_that_the_fhir_server_does_not_have_is_dropped_and_no_page_is_shown() {
    let house = House::new().await;
    let scope = "launch/patient launch/device launch/person patient/Patient.rs";
    let (mut browser, consent) = chosen(&house, "p1", scope).await;
    let grant = allowed(&house, &mut browser, &consent).await;
    assert_eq!(grant.granted.to_string(), "launch/patient patient/Patient.rs");
    let mut dropped: Vec<_> = grant.dropped.iter().map(|one| one.scope.as_str()).collect();
    dropped.sort_unstable();
    assert_eq!(dropped, ["launch/device", "launch/person"]);
}

#[actix_web::test]
async fn somebody_with_one_record_sees_no_picker_of_records() {
    let house = House::new().await;
    let mut browser = house.signed_in("ana").await;
    let visits = browser.open(&house.request(&[("scope", VISIT)])).await;
    assert_eq!(visits.values("resource"), ["e1"], "{}", visits.at);
}
