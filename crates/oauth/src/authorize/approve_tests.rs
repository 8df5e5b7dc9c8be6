use proptest::prelude::*;

use super::*;
use crate::samples::{Seeded, at, open, server, session, user};

const SCOPES: &str = "openid fhirUser offline_access launch/patient patient/Condition.rs patient/Observation.rs patient/Patient.rs";

fn chosen(on: &[&str], until: Until) -> Granting {
    let request = open(&[("scope", SCOPES)]).request;
    let on: Vec<_> =
        on.iter().chain(&["offline_access"]).map(|scope| (*scope).to_owned()).collect();
    by_choice(&request, LaunchContext::default(), &on, until)
}

fn approved(granting: Granting) -> Approved {
    let ana = user("ana");
    let fresh = Fresh {
        grant: GrantId::parse("g1").unwrap(),
        code: Code::draw(&Seeded(1.into())),
        status_index: 3,
    };
    let authorization = open(&[("scope", SCOPES)]);
    approve(
        &authorization,
        (&session(&ana, 50), &ana, Some(&server())),
        granting,
        fresh,
        (&Policy::default(), at(200)),
    )
}

const LAB: &str = "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory";

#[test]
fn d_26_everything_on_gives_the_scope_as_asked_and_categories_replace_it() {
    let all = ["patient/Condition.rs", "patient/Observation.rs", "patient/Patient.rs"];
    assert_eq!(chosen(&all, Until::Year).scopes.to_string(), SCOPES);
    let some = chosen(&["patient/Patient.rs", LAB], Until::Year);
    assert_eq!(
        some.scopes.to_string(),
        format!("openid fhirUser offline_access launch/patient {LAB} patient/Patient.rs")
    );
    let why: Vec<_> = some.dropped.iter().map(|dropped| dropped.scope.as_str()).collect();
    assert_eq!(why, ["patient/Condition.rs", "patient/Observation.rs"]);
}

#[test]
fn d_10_this_visit_means_no_offline_access_and_an_end_with_the_session() {
    let visit = approved(chosen(&["patient/Patient.rs"], Until::Visit));
    assert!(!visit.grant.allows_refresh());
    assert_eq!(visit.grant.until, at(36_000));
    assert!(visit.grant.session.is_some());
    let month = approved(chosen(&["patient/Patient.rs"], Until::Month));
    assert!(month.grant.allows_refresh() && month.grant.session.is_none());
    assert_eq!(month.grant.until, at(200 + 30 * 86_400));
    assert_eq!(month.consent.unwrap().until, month.grant.until);
}

#[test]
fn d_10_offline_access_that_was_switched_off_is_not_granted() {
    let request = open(&[("scope", SCOPES)]).request;
    let on = ["patient/Patient.rs".to_owned()];
    let granting = by_choice(&request, LaunchContext::default(), &on, Until::Year);
    assert!(!granting.scopes.wants_offline());
    assert!(granting.dropped.iter().any(|dropped| dropped.scope == "offline_access"));
}

#[test]
fn sc_20_nobody_is_called_a_resource_that_they_are_not() {
    let mut ana = user("ana");
    ana.links.home.fhir_user = None;
    let fresh = Fresh {
        grant: GrantId::parse("g1").unwrap(),
        code: Code::draw(&Seeded(1.into())),
        status_index: 3,
    };
    let granting = by_trust(&open(&[]).request, LaunchContext::default());
    let approved = approve(
        &open(&[]),
        (&session(&ana, 50), &ana, Some(&server())),
        granting,
        fresh,
        (&Policy::default(), at(200)),
    );
    assert!(!approved.grant.granted.contains(&Scope::FhirUser));
    assert!(approved.consent.is_none(), "nobody was asked, so nothing is remembered");
}

proptest! {
    /// Whatever the form says: nothing is granted that was not asked.
    #[test]
    fn a2_scopes_may_only_shrink(on in prop::collection::vec(prop_oneof![
        Just("patient/*.cruds".to_owned()), Just("user/*.rs".to_owned()), Just("system/*.rs".to_owned()),
        Just(LAB.to_owned()), Just("patient/Condition.rs".to_owned()), Just("launch".to_owned()),
        Just("patient/Observation.r".to_owned()), "\\PC{0,30}",
    ], 0..6)) {
        let request = open(&[("scope", SCOPES)]).request;
        let granted = by_choice(&request, LaunchContext::default(), &on, Until::Stopped).scopes;
        prop_assert!(granted.covered_by(&request.allowed));
    }
}
