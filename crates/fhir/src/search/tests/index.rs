//! What resources are indexed by.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::index::{IndexValue, entries};
use crate::reference::relativize;

#[test]
fn an_entry_for_each_value_of_each_parameter() {
    let resource = json!({
        "resourceType": "Observation", "id": "o",
        "meta": { "lastUpdated": "2024-03-05T10:00:00Z" },
        "code": { "coding": [{ "system": "s", "code": "c" }, { "system": "s", "code": "c" }] },
        "subject": { "reference": "Patient/p/_history/3" },
        "performer": [{ "reference": "#inside" }, { "display": "someone" }],
    });
    let mut found: Vec<_> = entries(&resource).into_iter().collect();
    found.sort_by_key(|entry| entry.param);
    let names: Vec<_> = found.iter().map(|entry| entry.param).collect();
    // Somebody performed it, who cannot be found by what is said of them.
    assert_eq!(names, ["code", "patient", "performer", "subject"]);
    assert_eq!(found[0].value, IndexValue::Token { system: "s".into(), code: "c".into() });
    assert_eq!(found[1].value, IndexValue::Reference { kind: "Patient".into(), id: "p".into() });
}

#[test]
fn us_core_race_and_ethnicity_are_found() {
    let race = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race";
    let patient = json!({
        "resourceType": "Patient",
        "extension": [{ "url": race, "extension": [
            { "url": "ombCategory", "valueCoding": { "system": "urn:oid:2", "code": "2106-3" } },
            { "url": "text", "valueString": "White" },
        ] }],
    });
    let found = entries(&patient);
    let value = IndexValue::Token { system: "urn:oid:2".into(), code: "2106-3".into() };
    assert!(found.iter().any(|entry| entry.param == "race" && entry.value == value));
    assert!(!found.iter().any(|entry| entry.param == "ethnicity"));
}

#[test]
fn own_references_are_made_relative_and_others_left_alone() {
    let mut resource = json!({
        "subject": { "reference": "https://records.example/fhir/Patient/p" },
        "performer": [{ "reference": "https://records.example/fhirx/Patient/p" }],
        "text": "https://records.example/fhir/Patient/p",
    });
    relativize(&mut resource, "https://records.example/fhir/");
    assert_eq!(resource["subject"]["reference"], "Patient/p");
    assert_eq!(resource["performer"][0]["reference"], "https://records.example/fhirx/Patient/p");
    assert_eq!(resource["text"], "https://records.example/fhir/Patient/p");
}

/// Any JSON, with names that parameters look for.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "(Patient/p|2024-02|#x|http://a|.{0,6})".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let name = "(subject|reference|code|coding|system|value|valueQuantity|period|start|name|given|category)";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(name, inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn indexing_never_panics(mut resource in json()) {
        if let Some(members) = resource.as_object_mut() {
            members.insert("resourceType".to_owned(), json!("Observation"));
        }
        let _ = entries(&resource);
        let _ = crate::compartment::patients(&resource);
        relativize(&mut resource, "http://a");
    }
}
