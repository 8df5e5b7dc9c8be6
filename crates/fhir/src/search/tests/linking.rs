//! Chains, `_has`, and what else searches look at beside single values.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{Demand, Direction, lenient, matches_among, pairs};
use super::{BASE, BadSearch, read};

fn all() -> Vec<Value> {
    vec![
        json!({ "resourceType": "Patient", "id": "p", "name": [{ "family": "Carter" }],
            "identifier": [{ "system": "urn:mrn", "value": "1660" }],
            "generalPractitioner": [{ "reference": "Practitioner/d" }] }),
        json!({ "resourceType": "Patient", "id": "q", "name": [{ "family": "Mason" }] }),
        json!({ "resourceType": "Practitioner", "id": "d", "name": [{ "family": "Okafor" }] }),
        json!({ "resourceType": "Condition", "id": "c", "subject": { "reference": "Patient/p" },
            "encounter": { "reference": "Encounter/e" }, "code": { "text": "Diabetes, type 2" } }),
        json!({ "resourceType": "Encounter", "id": "e", "subject": { "reference": "Patient/p" },
            "class": { "code": "AMB", "display": "ambulatory" } }),
        json!({ "resourceType": "Observation", "id": "o", "subject": { "reference": "Patient/p",
            "identifier": { "system": "urn:mrn", "value": "1660" } }, "code": { "coding": [{ "code": "a1c" }] } }),
    ]
}

fn found(kind: &str, query: &str) -> Vec<String> {
    let all = all();
    let search = read(kind, query).unwrap_or_else(|reason| panic!("{query}: {reason}"));
    let found = all.iter().filter(|resource| matches_among(&search, resource, &all));
    found.map(|resource| resource["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn row_038_a_patient_is_named_by_identifier() {
    for query in [
        "subject.identifier=urn:mrn|1660",
        "subject:Patient.identifier=1660",
        "patient.identifier=urn:mrn|",
    ] {
        assert_eq!(found("Condition", query), ["c"], "{query}");
    }
    assert_eq!(found("Observation", "subject:identifier=urn:mrn|1660"), ["o"]);
    assert!(found("Observation", "subject:identifier=urn:other|1660").is_empty());
    assert!(found("Condition", "patient.identifier=urn:other|1660").is_empty());
}

#[test]
fn row_079_chains_and_has_lead_to_linked_resources() {
    assert_eq!(found("Condition", "patient.name=cart"), ["c"]);
    assert!(found("Condition", "patient.name=mason").is_empty());
    assert_eq!(found("Condition", "patient.general-practitioner:Practitioner.name=oka"), ["c"]);
    assert_eq!(found("Condition", "encounter.patient.family:exact=Carter"), ["c"]);
    assert_eq!(found("Patient", "_has:Observation:patient:code=a1c"), ["p"]);
    assert!(found("Patient", "_has:Observation:patient:code=other").is_empty());
    assert_eq!(
        found("Practitioner", "_has:Patient:general-practitioner:_has:Condition:patient:_id=c"),
        ["d"]
    );
    assert_eq!(found("Encounter", "_has:Condition:encounter:patient.name=carter"), ["e"]);
    assert_eq!(
        found("Patient", "_has:Observation:patient:code=a1c&name=mason"),
        Vec::<String>::new()
    );
}

#[test]
fn d_38_a_search_names_the_types_that_it_looks_at() {
    let through = |kind: &str, query: &str| {
        let search = read(kind, query).unwrap();
        search.through().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(through("Condition", "patient.name=a&code=b"), ["Patient"]);
    assert_eq!(
        through("Patient", "_has:Observation:patient:performer:Practitioner.name=a"),
        ["Observation", "Practitioner"]
    );
    assert!(through("Condition", "patient=p").is_empty());
    let search = read("Condition", "subject.name=a").unwrap();
    assert!(search.has_criteria() && !read("Condition", "_count=2").unwrap().has_criteria());
    assert_eq!(search.links[0].direction, Direction::To);
    // A group has no name to be found by.
    assert_eq!(search.links[0].ways.iter().map(|way| way.kind).collect::<Vec<_>>(), ["Patient"]);
    assert!(matches!(search.links[0].ways[0].demand, Demand::Value(_)));
}

#[test]
fn what_links_to_nothing_is_refused() {
    for (kind, query) in [
        ("Condition", "code.name=a"),
        ("Condition", "patient.colour=a"),
        ("Condition", "patient:Group.name=a"),
        ("Condition", "patient:Claim.name=a"),
        ("Patient", "_has:Observation:patient=a"),
        ("Patient", "_has:Observation:encounter:code=a"),
        ("Patient", "_has:Claim:patient:code=a"),
        ("Patient", "_has=a"),
        ("Condition", "encounter.part-of.part-of.part-of.part-of.part-of.status=a"),
        ("Condition", "patient.birthdate=yesterday"),
    ] {
        assert!(read(kind, query).is_err(), "{kind}?{query}");
    }
}

#[test]
fn words_of_a_code_and_families_of_uris() {
    assert_eq!(found("Condition", "code:text=diabetes"), ["c"]);
    assert!(found("Condition", "code:text=type").is_empty());
    assert_eq!(found("Encounter", "class:text=AMBUL"), ["e"]);
    // A concept in words alone is not missing.
    assert_eq!(found("Condition", "code:missing=false"), ["c"]);
    let form = json!({ "resourceType": "Questionnaire", "url": "http://a.example/q/mood/v2" });
    let holds = |query: &str| matches_among(&read("Questionnaire", query).unwrap(), &form, &[]);
    for query in [
        "url:below=http://a.example/q",
        "url:below=http://a.example/",
        "url:below=http://a.example/q/mood/v2",
        "url:above=http://a.example/q/mood/v2/items/3",
    ] {
        assert!(holds(query), "{query}");
    }
    for query in [
        "url:below=http://a.example/q/moo",
        "url:above=http://a.example/q/mood",
        "url:above=http://b.example/",
    ] {
        assert!(!holds(query), "{query}");
    }
}

#[test]
fn two_values_that_stand_together() {
    let pressure = |code: &str, value: f64| {
        json!({ "code": { "coding": [{ "system": "http://loinc.org", "code": code }] },
            "valueQuantity": { "value": value, "unit": "mmHg" } })
    };
    let mut observation = json!({ "resourceType": "Observation", "id": "o",
        "component": [pressure("8480-6", 120.0), pressure("8462-4", 80.0)] });
    let holds = |observation: &Value, query: &str| {
        matches_among(&read("Observation", query).unwrap(), observation, &[])
    };
    assert!(holds(&observation, "component-code-value-quantity=8480-6$gt100"));
    assert!(holds(&observation, "combo-code-value-quantity=http://loinc.org|8462-4$80||mmHg"));
    assert!(!holds(&observation, "component-code-value-quantity=8462-4$gt100"));
    assert!(!holds(&observation, "code-value-quantity=8480-6$gt100"));
    assert!(holds(&observation, "combo-code=8480-6") && !holds(&observation, "code=8480-6"));
    observation["code"] = json!({ "coding": [{ "code": "x" }] });
    observation["valueString"] = json!("Positive");
    assert!(holds(&observation, "code-value-string=x$posi"));
    assert!(holds(&observation, "combo-code=x"));
    for query in [
        "code-value-quantity=x",
        "code-value-quantity=x$y",
        "code-value-quantity=x$1$2",
        "code-value-quantity=$1",
    ] {
        assert!(read("Observation", query).is_err(), "{query}");
    }
    assert!(read("Observation", "_sort=code-value-quantity").is_err());
    let letter = json!({ "resourceType": "DocumentReference",
        "relatesTo": [{ "code": "replaces", "target": { "reference": "DocumentReference/old" } }] });
    let holds =
        |query: &str| matches_among(&read("DocumentReference", query).unwrap(), &letter, &[]);
    assert!(holds("relationship=replaces$DocumentReference/old"));
    assert!(!holds("relationship=appends$DocumentReference/old"));
}

#[test]
fn names_that_sound_alike() {
    let patient = json!({ "resourceType": "Patient", "name": [{ "family": "Smith", "given": ["Catherine"] }] });
    let holds = |query: &str| matches_among(&read("Patient", query).unwrap(), &patient, &[]);
    assert!(holds("phonetic=Smyth") && holds("phonetic=Cathrin") && !holds("phonetic=Jones"));
}

#[test]
fn unknown_parameters_are_listed_and_never_the_others() {
    let asked = |query: &str| lenient("Patient", &pairs(query).unwrap(), BASE);
    assert_eq!(asked("colour=blue&name=a&x:exact=1").unwrap().ignored, ["colour", "x:exact"]);
    for query in [
        "name:fuzzy=a",
        "birthdate=soon",
        "_filter=a",
        "_text=a",
        "_content=a",
        "_list=a",
        "_query=a",
        "gender:in=http://v",
        "general-practitioner.colour=a",
    ] {
        assert!(asked(query).is_err(), "{query}");
    }
    assert!(matches!(read("Patient", "colour=blue"), Err(BadSearch::Param { .. })));
}

proptest! {
    #[test]
    fn whatever_is_asked_is_read_or_refused_and_bounded(
        kind in "(Patient|Observation|Encounter|Provenance|Questionnaire)",
        query in "(((_has:(Observation|Patient|Encounter):(patient|subject|encounter):)?((patient|subject|encounter|part-of|performer)(:Patient|:identifier)?\\.){0,4}(_id|name|code|date|status|url|identifier|code-value-quantity|_include|_revinclude|_sort|_summary|_elements|_total)(:[a-z]{0,9})?)=([a-zA-Z0-9|$,:./\\\\-]{0,12}|%[0-9a-f]{2})&?){0,5}",
    ) {
        if let Ok(search) = pairs(&query).and_then(|pairs| lenient(&kind, &pairs, BASE)) {
            let mut ways = 0;
            let mut links: Vec<_> = search.links.iter().collect();
            while let Some(link) = links.pop() {
                for way in &link.ways {
                    ways += 1;
                    if let Demand::Link(link) = &way.demand { links.push(link); }
                }
            }
            prop_assert!(ways <= 1_000, "{ways} ways");
            let all = all();
            for resource in &all {
                let _ = matches_among(&search, resource, &all);
            }
        }
    }
}
