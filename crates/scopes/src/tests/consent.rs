//! What the consent page offers, and what remains of a request after it.

use proptest::prelude::*;

use super::{scope, set};
use crate::{Category, Clinical, MESSAGE_KEYS, Scope, ScopeSet};

fn choices(text: &str) -> Vec<Scope> {
    let choices = scope(text).as_clinical().map(Clinical::category_choices).unwrap_or_default();
    choices.into_iter().map(|choice| choice.scope).collect()
}

#[test]
fn d_26_whole_condition_and_observation_scopes_offer_the_categories_of_us_core() {
    let conditions: Vec<_> =
        choices("patient/Condition.rs").iter().map(ToString::to_string).collect();
    assert_eq!(
        conditions,
        [
            "patient/Condition.rs?category=http://terminology.hl7.org/CodeSystem/condition-category|problem-list-item",
            "patient/Condition.rs?category=http://terminology.hl7.org/CodeSystem/condition-category|encounter-diagnosis",
            "patient/Condition.rs?category=http://hl7.org/fhir/us/core/CodeSystem/condition-category|health-concern",
        ]
    );
    assert_eq!(choices("patient/Observation.read").len(), 7);
    for choice in choices("patient/Observation.read") {
        assert!(scope("patient/Observation.rs").covers(&choice));
        assert!(choice.to_string().starts_with("patient/Observation.rs?category="));
    }
    for none in ["patient/*.rs", "patient/Patient.rs", "patient/Condition.rs?code=a", "openid"] {
        assert!(choices(none).is_empty(), "{none}");
    }
}

#[test]
fn d_26_everything_on_is_granted_exactly_as_asked() {
    let asked = set("openid patient/Condition.read patient/Patient.rs");
    let mut on: ScopeSet = choices("patient/Condition.read").into_iter().collect();
    on = on.union(&set("openid patient/Patient.rs"));
    assert_eq!(asked.recompose(&on), asked);
    assert_eq!(asked.recompose(&asked), asked);
}

#[test]
fn d_26_a_subset_is_granted_as_its_categories_alone() {
    let asked = set("patient/Patient.rs patient/Condition.read");
    let first = choices("patient/Condition.read").remove(0);
    let on = set("patient/Patient.rs").union(&[first.clone()].into_iter().collect());
    assert_eq!(asked.recompose(&on).to_string(), format!("patient/Patient.rs {first}"));
}

#[test]
fn a2_a_choice_that_was_not_asked_is_ignored() {
    let asked = set("openid patient/Observation.rs");
    let smuggled = set("user/*.cruds patient/*.rs patient/Observation.cruds offline_access");
    assert!(asked.recompose(&smuggled).is_empty());
}

#[test]
fn scopes_are_grouped_for_the_page() {
    let heading = |text: &str| scope(text).as_clinical().map(Clinical::category);
    assert_eq!(heading("patient/*.rs"), Some(Category::Everything));
    assert_eq!(heading("patient/Patient.rs"), Some(Category::AboutYou));
    assert_eq!(heading("patient/MedicationRequest.rs"), Some(Category::Medicines));
    assert_eq!(heading("user/Observation.rs"), Some(Category::LabsAndVitals));
    assert_eq!(heading("user/Slot.rs"), Some(Category::Other));
}

#[test]
fn bp_2_scopes_are_described_by_keys_of_the_catalogue() {
    let key = |text: &str| scope(text).describe().key;
    assert_eq!(key("patient/Observation.r"), "scope-see");
    assert_eq!(key("patient/Observation.read"), "scope-see");
    assert_eq!(key("patient/Observation.c"), "scope-add");
    assert_eq!(key("patient/Observation.cud"), "scope-change");
    assert_eq!(key("patient/Observation.d"), "scope-change");
    assert_eq!(key("patient/Observation.crs"), "scope-see-and-add");
    assert_eq!(key("patient/Observation.cruds"), "scope-see-and-change");
    assert_eq!(key("openid"), "scope-openid");
    assert_eq!(key("launch/patient"), "scope-launch-context");
    assert_eq!(key("__x"), "scope-extension");
    let lab = choices("patient/Observation.rs").remove(0).describe();
    assert_eq!(
        lab.args[1..],
        [
            ("resource", "Observation".to_owned()),
            ("kind", "laboratory".to_owned()),
            ("filter", String::new()),
            ("writes", String::new()),
        ]
    );
    let writes = |text: &str| scope(text).describe().args[4].1.clone();
    assert_eq!(writes("patient/Observation.cu"), "cu", "no word of deleting");
    assert_eq!(writes("patient/Observation.crds"), "cd");
    assert_eq!(writes("patient/Observation.write"), "cud");
    let other = scope("user/*.rs?category=a|b").describe();
    assert_eq!(other.args[1].1, "all");
    assert_eq!(other.args[3].1, "category=a|b");
}

proptest! {
    #[test]
    fn consent_only_narrows(
        asked in prop::collection::vec(SCOPE, 0..5),
        switches in prop::collection::vec(any::<bool>(), 60),
    ) {
        let asked = set(&asked.join(" "));
        let offered = asked.iter().flat_map(|scope| {
            let choices = choices(&scope.to_string());
            if choices.is_empty() { vec![scope.clone()] } else { choices }
        });
        let on: ScopeSet =
            offered.zip(switches).filter(|(_, on)| *on).map(|(scope, _)| scope).collect();
        let granted = asked.recompose(&on);
        prop_assert!(granted.covered_by(&asked));
        for scope in granted.iter().filter(|scope| !asked.contains(scope)) {
            prop_assert!(on.contains(scope));
        }
        for scope in asked.iter() {
            prop_assert!(MESSAGE_KEYS.contains(&scope.describe().key));
        }
    }
}

const SCOPE: &str =
    "openid|offline_access|(patient|user)/(Observation|Condition|Patient|\\*)\\.(read|rs|\\*)";
