//! From a FHIR `Patient` to what a page shows of it.

use fireward_pages::{Date, PatientCard, Person, Sex};
use serde_json::Value;

/// The card of a patient; `None` for anything without an id that can be chosen.
pub(super) fn card(patient: &Value) -> Option<PatientCard> {
    let text = |pointer: &str| patient.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    if text("/resourceType").as_deref() != Some("Patient") {
        return None;
    }
    let deceased = patient.get("deceasedBoolean").and_then(Value::as_bool).unwrap_or(false);
    Some(PatientCard {
        id: text("/id")?,
        name: name(patient),
        born: text("/birthDate").and_then(|date| Date::parse(&date)),
        sex: Sex::from_code(&text("/gender").unwrap_or_default()),
        identifier: identifier(patient),
        line: text("/address/0/city").or_else(|| text("/telecom/0/value")),
        role: None,
        deceased: deceased || patient.get("deceasedDateTime").is_some(),
        chosen: false,
    })
}

/// The person that a patient is.
pub(crate) fn person(patient: &Value) -> Person {
    let born = patient.get("birthDate").and_then(Value::as_str).and_then(Date::parse);
    Person { name: name(patient), born }
}

/// The official name, or the usual one, or the first there is.
fn name(patient: &Value) -> String {
    let names =
        patient.get("name").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let used = |wanted: &str| {
        names.iter().find(|name| name.get("use").and_then(Value::as_str) == Some(wanted))
    };
    let Some(name) = used("official").or_else(|| used("usual")).or_else(|| names.first()) else {
        return "—".to_owned();
    };
    if let Some(text) = name.get("text").and_then(Value::as_str) {
        return text.to_owned();
    }
    let words = |member: &str| {
        let list =
            name.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let family = name.get("family").and_then(Value::as_str).map(str::to_owned);
    let all: Vec<_> = words("given").into_iter().chain(family).chain(words("suffix")).collect();
    all.join(" ")
}

/// The record number: the identifier typed MR, or the first that has a value.
fn identifier(patient: &Value) -> Option<String> {
    let all = patient.get("identifier")?.as_array()?;
    let is_record =
        |one: &&Value| one.pointer("/type/coding/0/code").and_then(Value::as_str) == Some("MR");
    let chosen = all.iter().find(is_record).or_else(|| all.first())?;
    chosen.get("value").and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patient_is_never_shown_by_name_alone() {
        let card = card(&json!({
            "resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1979-03-04",
            "name": [{"use": "usual", "text": "Nan"}, {"use": "official", "given": ["Ana", "Maria"], "family": "Silva"}],
            "identifier": [{"value": "x"}, {"type": {"coding": [{"code": "MR"}]}, "value": "MRN-17"}],
            "address": [{"city": "Lisbon"}],
        }))
        .unwrap();
        assert_eq!(card.name, "Ana Maria Silva");
        assert_eq!(card.identifier.as_deref(), Some("MRN-17"));
        assert_eq!(card.line.as_deref(), Some("Lisbon"));
        assert_eq!(card.born, Some(Date::new(1979, 3, 4)));
        assert!(!card.deceased);
    }

    #[test]
    fn what_is_no_patient_or_has_no_id_cannot_be_chosen() {
        assert!(card(&json!({"resourceType": "Group", "id": "p1"})).is_none());
        assert!(card(&json!({"resourceType": "Patient"})).is_none());
        assert_eq!(card(&json!({"resourceType": "Patient", "id": "p"})).unwrap().name, "—");
    }
}
