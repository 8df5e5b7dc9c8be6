//! From drafts to publications, one after the other.

use serde_json::{Value, json};

use super::{changed, good, with};
use crate::{
    brands::{Draft, Publication, Published, Slot, advertise},
    vocabulary::{Issuer, Timestamp},
};

fn issuer() -> Issuer {
    Issuer::parse("https://auth.example").unwrap()
}

fn draft(bundle: Value) -> Draft {
    Draft { bundle, named: None }
}

fn first(bundle: Value) -> Publication {
    let published = draft(bundle).publish(None, &issuer(), Timestamp::from_unix(1_800_000_000));
    let Published::New(publication, _) = published else { unreachable!("{published:?}") };
    *publication
}

fn next(bundle: Value, before: &Publication) -> Published {
    draft(bundle).publish(Some(before), &issuer(), Timestamp::from_unix(1_800_000_060))
}

/// The good bundle as a person writes it: without times and addresses.
fn bare() -> Value {
    let mut bundle = changed(with("/timestamp", Value::Null), "/meta", Value::Null);
    for place in 0..4 {
        bundle = changed(bundle, &format!("/entry/{place}/fullUrl"), Value::Null);
        bundle = changed(bundle, &format!("/entry/{place}/resource/meta"), Value::Null);
    }
    bundle
}

#[test]
fn ub_2_times_and_addresses_that_are_missing_are_added() {
    let one = first(bare());
    assert_eq!(one.bundle["timestamp"], json!("2027-01-15T08:00:00Z"));
    assert_eq!(one.bundle["meta"]["lastUpdated"], json!("2027-01-15T08:00:00Z"));
    let entry = &one.bundle["entry"][2];
    assert_eq!(entry["fullUrl"], json!("https://auth.example/brands/Endpoint/r4"));
    assert_eq!(entry["resource"]["meta"]["lastUpdated"], json!("2027-01-15T08:00:00Z"));
    assert_eq!(
        first(good()).bundle["timestamp"],
        good()["timestamp"],
        "the publisher's own is kept"
    );
}

#[test]
fn ub_3_what_says_the_same_is_no_change_and_what_changes_has_another_tag() {
    let one = first(bare());
    assert!(matches!(next(bare(), &one), Published::Unchanged));
    assert!(matches!(next(one.bundle.clone(), &one), Published::Unchanged), "what was read back");
    let renamed = changed(bare(), "/entry/0/resource/name", json!("Another"));
    let Published::New(two, _) = next(renamed, &one) else { unreachable!() };
    assert_ne!(one.tag, two.tag);
    let time = |publication: &Publication, place: usize| {
        publication.bundle["entry"][place]["resource"]["meta"]["lastUpdated"].clone()
    };
    assert_eq!(time(&two, 0), json!("2027-01-15T08:01:00Z"), "what changed");
    assert_eq!(time(&two, 1), json!("2027-01-15T08:00:00Z"), "what did not");
    assert_eq!(two.bundle["timestamp"], json!("2027-01-15T08:01:00Z"), "put together anew");
}

#[test]
fn ub_6_smart_configuration_names_bundle_and_primary_brand() {
    let members = advertise(&issuer(), &first(bare()));
    assert_eq!(members["user_access_brand_bundle"], json!("https://auth.example/brands"));
    let identifier = json!({ "system": "urn:ietf:rfc:3986", "value": "https://clinic.example" });
    assert_eq!(members["user_access_brand_identifier"], identifier);
    let alone = changed(bare(), "/entry/1", Value::Null);
    let nameless = changed(alone, "/entry/0/resource/identifier", Value::Null);
    assert!(!advertise(&issuer(), &first(nameless)).contains_key("user_access_brand_identifier"));
}

#[test]
fn a_draft_that_breaks_a_rule_is_not_published() {
    let faulty = with("/type", json!("batch"));
    let published = draft(faulty).publish(None, &issuer(), Timestamp::from_unix(0));
    assert!(matches!(published, Published::Refused(findings) if findings[0].at == "Bundle.type"));
    for nonsense in
        [json!(null), json!([]), json!("x"), json!({ "entry": 5 }), json!({ "entry": [[]] })]
    {
        let published = draft(nonsense).publish(None, &issuer(), Timestamp::from_unix(0));
        assert!(matches!(published, Published::Refused(_)));
    }
}

#[test]
fn ub_4_one_brand_is_found_replaced_added_and_removed() {
    let one = first(bare());
    let slot = Slot::parse("Organization", "lab").unwrap();
    let (lab, tag) = slot.find(&one).unwrap();
    assert_eq!(lab["name"], json!("The Clinic's Laboratory"));
    let mut renamed = lab.clone();
    renamed["name"] = json!("Laboratory");
    let Published::New(two, _) = next(slot.put(Some(&one.bundle), renamed).unwrap(), &one) else {
        unreachable!()
    };
    assert_eq!(two.bundle["timestamp"], json!("2027-01-15T08:01:00Z"));
    assert_ne!(slot.find(&two).unwrap().1, tag);
    let other = Slot::parse("Organization", "clinic").unwrap();
    assert_eq!(other.find(&two), other.find(&one), "its neighbour is as it was");
    let Published::New(three, _) = next(slot.remove(&two.bundle).unwrap(), &two) else {
        unreachable!()
    };
    assert_eq!(three.bundle["entry"].as_array().unwrap().len(), 3);
    assert!(slot.find(&three).is_none() && slot.remove(&three.bundle).is_none());
    assert!(slot.put(None, lab.clone()).is_ok());
    assert_eq!(other.put(Some(&one.bundle), lab).unwrap_err().at, "Organization.id");
    for (kind, id) in
        [("Patient", "a"), ("Organization", "a/b"), ("Organization", ""), ("endpoint", "r4")]
    {
        assert!(Slot::parse(kind, id).is_err());
    }
}
