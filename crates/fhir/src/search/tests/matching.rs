//! Which resources meet which searches (FHIR R4 §3.1.1.4).

use serde_json::{Value, json};

use super::super::matches;
use super::read;

fn meets(resource: &Value, query: &str) -> bool {
    let kind = resource["resourceType"].as_str().expect("a type");
    matches(&read(kind, query).unwrap_or_else(|reason| panic!("{query}: {reason}")), resource)
}

fn observation() -> Value {
    json!({
        "resourceType": "Observation", "id": "o1", "status": "final",
        "meta": { "lastUpdated": "2024-03-05T10:00:00Z", "tag": [{ "code": "t" }] },
        "category": [{ "coding": [{ "system": "http://c", "code": "laboratory" }] }],
        "code": { "coding": [{ "system": "http://loinc.org", "code": "4548-4" }, { "code": "a1c" }] },
        "subject": { "reference": "Patient/p" },
        "effectiveDateTime": "2024-03-05T09:30:00+01:00",
        "valueQuantity": { "value": 6.1, "unit": "percent", "system": "http://u", "code": "%" },
        "component": [{ "code": { "coding": [{ "code": "x" }] } }, { "code": { "coding": [{ "code": "y" }] } }],
    })
}

#[test]
fn tokens() {
    let yes = [
        "code=4548-4",
        "code=http://loinc.org|4548-4",
        "code=|a1c",
        "code=http://loinc.org|",
        "code=nothing,a1c",
        "code:not=nothing",
        "status=final",
        "component-code=y",
        "_id=o1",
        "_tag=t",
        "method:missing=true",
        "method:not=x",
        "code:missing=false",
    ];
    let no = [
        "code=4548",
        "code=http://other|4548-4",
        "code=|4548-4",
        "code=http://other|",
        "code:not=a1c,nothing",
        "status=FINAL",
        "_id=o",
        "code:missing=true",
        "code=a1c&status=amended",
    ];
    for query in yes {
        assert!(meets(&observation(), query), "{query}");
    }
    for query in no {
        assert!(!meets(&observation(), query), "{query}");
    }
}

#[test]
fn references_and_quantities() {
    for query in [
        "patient=p",
        "subject=Patient/p",
        "subject:Patient=p",
        "value-quantity=6.1",
        "value-quantity=6",
        "value-quantity=6.1|http://u|%25",
        "value-quantity=6.1||percent",
        "value-quantity=gt6.0",
        "value-quantity=le6.1",
        "value-quantity=ne6.2",
        "value-quantity=ap6.5",
    ] {
        assert!(meets(&observation(), query), "{query}");
    }
    for query in [
        "patient=q",
        "subject=Group/p",
        "value-quantity=6.2",
        "value-quantity=6.10001",
        "value-quantity=6.1|http://v|%25",
        "value-quantity=6.1||mg",
        "value-quantity=gt6.1",
        "value-quantity=lt6.1",
        "value-quantity=ap9",
    ] {
        assert!(!meets(&observation(), query), "{query}");
    }
}

#[test]
fn dates() {
    for query in [
        "date=2024",
        "date=2024-03-05",
        "date=2024-03-05T08:30Z",
        "date=gt2024-03-04",
        "date=ge2024-03-05",
        "date=le2024-03-05",
        "date=lt2024-03-05T08:31:00Z",
        "date=sa2024-03-04",
        "date=eb2024-03-06",
        "date=ne2023",
        "date=ge2024-01-01&date=lt2025-01-01",
        "_lastUpdated=gt2024-03-05T09:00:00Z",
    ] {
        assert!(meets(&observation(), query), "{query}");
    }
    for query in [
        "date=2023",
        "date=2024-03-04",
        "date=gt2024-03-05",
        "date=lt2024-03-05",
        "date=sa2024-03-05",
        "date=eb2024-03-05",
        "date=ne2024",
        "_lastUpdated=lt2024",
    ] {
        assert!(!meets(&observation(), query), "{query}");
    }
    let period = json!({"resourceType": "Encounter", "period": {"start": "2024-01-10", "end": "2024-01-20"}});
    for query in ["date=2024-01", "date=gt2024-01-15", "date=lt2024-01-15", "date=ap2024-01-15"] {
        assert!(meets(&period, query), "{query}");
    }
    for query in ["date=2024-01-15", "date=sa2024-01-15", "date=eb2024-01-15"] {
        assert!(!meets(&period, query), "{query}");
    }
    let ongoing = json!({"resourceType": "Encounter", "period": {"start": "2024-01-10"}});
    assert!(meets(&ongoing, "date=gt2030") && !meets(&ongoing, "date=2024"));
}

#[test]
fn texts_and_uris() {
    let patient = json!({
        "resourceType": "Patient", "id": "p",
        "name": [{ "family": "Müller", "given": ["Ana  María", "Zoë"] }, { "text": "Doc" }],
        "address": [{ "city": "São Paulo", "line": ["1 Main St"] }],
        "telecom": [{ "system": "phone", "value": "555" }, { "system": "email", "value": "a@b.c" }],
    });
    for query in [
        "name=mull",
        "name=MARIA,ana",
        "given=zoe",
        "name=ana maria zoe muller",
        "family:exact=Müller",
        "family:contains=LLE",
        "address=sao",
        "address-city=são p",
        "phone=555",
        "email=a@b.c",
        "telecom=phone|555",
        "deceased=false",
    ] {
        assert!(meets(&patient, query), "{query}");
    }
    for query in [
        "name=uller",
        "family:exact=muller",
        "given=muller",
        "phone=a@b.c",
        "deceased=true",
        "active=true",
    ] {
        assert!(!meets(&patient, query), "{query}");
    }
    let dead = json!({"resourceType": "Patient", "deceasedDateTime": "2020"});
    assert!(meets(&dead, "deceased=true") && meets(&dead, "death-date=2020"));
    let form = json!({"resourceType": "QuestionnaireResponse", "questionnaire": "http://q|2"});
    assert!(meets(&form, "questionnaire=http://q") && meets(&form, "questionnaire=http://q%7C2"));
    assert!(!meets(&form, "questionnaire=http://q%7C3"));
}
