//! What is told of a refusal.

use super::*;
use crate::samples::grant;

const LAB: &str = "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory";

fn sample() -> Grant {
    let mut grant = grant("g1", "app", "openid");
    grant.asked = "openid fhirUser launch offline_access user/*.rs patient/Observation.rs patient/Condition.rs"
        .parse()
        .unwrap();
    grant.granted = format!("openid {LAB}").parse().unwrap();
    let drop = |scope: &str, reason| Dropped { scope: scope.to_owned(), reason };
    grant.dropped = vec![
        drop("nonsense", Reason::Unknown),
        drop("user/*.rs", Reason::Registration),
        drop("launch", Reason::Flow),
        drop("offline_access", Reason::Visit),
        drop("patient/Observation.rs", Reason::Person),
        drop("patient/Condition.rs", Reason::Person),
        drop("fhirUser", Reason::Account),
    ];
    grant
}

#[test]
fn each_scope_that_was_asked_has_its_fate() {
    let fates = fates(&sample());
    let of = |scope: &str| fates.iter().find(|(one, _)| one == scope).unwrap().1.clone();
    assert_eq!(of("openid"), Fate::Granted);
    assert_eq!(of("patient/Observation.rs"), Fate::Narrowed(vec![LAB.to_owned()]));
    assert_eq!(of("patient/Condition.rs"), Fate::Dropped(Reason::Person));
    assert_eq!(of("user/*.rs"), Fate::Dropped(Reason::Registration));
    assert_eq!(of("nonsense"), Fate::Dropped(Reason::Unknown));
    assert_eq!(fates.len(), 8);
}

#[test]
fn each_sieve_leaves_less() {
    let grant = sample();
    let left = Sieve::VARIANTS.map(|sieve| left_after(&grant, sieve).len());
    assert_eq!(left, [7, 6, 4, 2]);
    assert_eq!(left_after(&grant, Sieve::Person), ["openid", LAB]);
}

#[test]
fn where_no_refresh_token_came_it_is_said_why() {
    let mut grant = sample();
    let why = vec![Dropped { scope: "offline_access".into(), reason: Reason::Visit }];
    assert_eq!(refreshing(&grant), RefreshStory::Dropped(why));
    grant.dropped.clear();
    assert_eq!(refreshing(&grant), RefreshStory::NotAsked);
    grant.granted = "openid online_access".parse().unwrap();
    assert_eq!(refreshing(&grant), RefreshStory::Online);
    grant.granted = "online_access offline_access".parse().unwrap();
    assert_eq!(refreshing(&grant), RefreshStory::Offline, "the longer of the two");
}

#[test]
fn a_grant_is_told_without_its_person_and_patient() {
    let mut grant = sample();
    grant.context.patient = Some("patient-7".into());
    let told = Value::from(told(&grant, &str::to_owned));
    assert_eq!(told["kept"], format!("openid {LAB}"));
    assert_eq!(told["refresh_token"]["given"], false);
    assert_eq!(told["refresh_token"]["why"], "refresh-dropped reason-visit");
    let narrowed = told["scopes"].as_array().unwrap().iter();
    let narrowed = narrowed.filter(|scope| scope["outcome"] == "narrowed").count();
    assert_eq!(narrowed, 1);
    let text = told.to_string();
    assert!(!text.contains("ana") && !text.contains("patient-7"), "{text}");
}

#[test]
fn what_was_sent_is_cut() {
    let long = "x".repeat(2_000);
    let fact = Fact::differs("redirect_uri", Some(&long), ["https://app.example/cb"]);
    assert!(matches!(fact, Fact::Differs { sent: Some(sent), .. } if sent.len() == LONGEST));
}
