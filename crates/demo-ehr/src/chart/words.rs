//! Words out of FHIR R4 resources. The shapes are read loosely: a record is shown as far as it can be read.

use fireward_pages::{Date, Sex};
use serde_json::Value;

pub(crate) fn str_at<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member)?.as_str()
}

/// The items of an array member; none where it is missing.
pub(crate) fn items<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The words of a `CodeableConcept`.
pub(crate) fn concept(value: &Value) -> Option<String> {
    let display = || items(value, "coding").iter().find_map(|coding| str_at(coding, "display"));
    let code = || items(value, "coding").iter().find_map(|coding| str_at(coding, "code"));
    str_at(value, "text").or_else(display).or_else(code).map(str::to_owned)
}

/// The words of a member that is a `CodeableConcept`.
pub(crate) fn concept_at(value: &Value, member: &str) -> Option<String> {
    value.get(member).and_then(concept)
}

/// The first code of a `CodeableConcept` member.
pub(crate) fn code_at<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    items(value.get(member)?, "coding").first().and_then(|coding| str_at(coding, "code"))
}

/// The name that a person is called by officially, else the first.
pub(crate) fn human_name(resource: &Value) -> Option<String> {
    let names = items(resource, "name");
    let official = names.iter().find(|name| str_at(name, "use") == Some("official"));
    let name = official.or(names.first())?;
    if let Some(text) = str_at(name, "text") {
        return Some(text.to_owned());
    }
    let several = |member| items(name, member).iter().filter_map(Value::as_str);
    let parts: Vec<&str> =
        several("prefix").chain(several("given")).chain(str_at(name, "family")).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// The record number, else the first identifier.
pub(crate) fn record_number(patient: &Value) -> Option<String> {
    let identifiers = items(patient, "identifier");
    let is_record_number = |identifier: &&Value| code_at(identifier, "type") == Some("MR");
    let identifier = identifiers.iter().find(is_record_number).or(identifiers.first())?;
    str_at(identifier, "value").map(str::to_owned)
}

pub(crate) fn sex(patient: &Value) -> Sex {
    str_at(patient, "gender").map_or(Sex::Unknown, Sex::from_code)
}

pub(crate) fn born(patient: &Value) -> Option<Date> {
    date_at(patient, "birthDate")
}

pub(crate) fn date_at(value: &Value, member: &str) -> Option<Date> {
    str_at(value, member).and_then(Date::parse)
}

/// Whether the person has died: `deceasedBoolean` or `deceasedDateTime`.
pub(crate) fn deceased(patient: &Value) -> bool {
    patient.get("deceasedBoolean") == Some(&Value::Bool(true))
        || patient.get("deceasedDateTime").is_some()
}

/// The town, which tells people of one name apart.
pub(crate) fn place(patient: &Value) -> Option<String> {
    let address = items(patient, "address").first()?;
    str_at(address, "city").map(str::to_owned)
}

pub(crate) fn display_at(value: &Value, member: &str) -> Option<String> {
    value.get(member).and_then(|reference| str_at(reference, "display")).map(str::to_owned)
}
