//! One object of `fhirContext` (SC-17; SMART 2.2 scopes-and-launch-context, `fhirContext`).

use fireward_scopes::resource_types;
use serde_json::{Map, Value};
use url::Url;

use super::is_fhir_id;
use crate::{error::ensure, text::has_control};

/// Why an object of `fhirContext` is none: what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedMember {
    /// Not a JSON object: plain strings were `SMART` 2.0.
    #[error("must be an object with reference, canonical or identifier")]
    NotAnObject,
    /// A member that SMART does not define.
    #[error("knows the members reference, canonical, identifier, type and role alone")]
    UnknownMember,
    /// Nothing says which resource is meant.
    #[error("needs reference, canonical or identifier")]
    Unidentified,
    /// Not relative, or not to a resource.
    #[error("reference must be relative and of an R4 type, such as ImagingStudy/123")]
    Reference,
    /// Not absolute.
    #[error("canonical must be an absolute URL, its version after |")]
    Canonical,
    /// FHIR R4 datatypes, `Identifier`.
    #[error("identifier must be a FHIR Identifier with a value, its system an absolute URI")]
    Identifier,
    /// No resource type, or another one than the reference's.
    #[error("type must be an R4 resource type, and that of the reference")]
    Type,
    /// Empty, or neither absolute nor defined by SMART.
    #[error("role must be launch or an absolute URI; leave it out for launch")]
    Role,
    /// The patient and encounter of a launch have members of their own.
    #[error("a Patient or Encounter may be here only with a role other than launch")]
    Reserved,
    /// It would be carried in every token answer.
    #[error("must have no more than 2000 characters")]
    TooLong,
    /// NUL and its like, wherever in it.
    #[error("must have no control characters")]
    Control,
}

/// The role of an object that names none, and the only relative one that SMART defines.
const LAUNCH: &str = "launch";

/// Checks one object of `fhirContext`.
pub(super) fn check(member: &Value) -> Result<(), MalformedMember> {
    let object = member.as_object().ok_or(MalformedMember::NotAnObject)?;
    let known = ["reference", "canonical", "identifier", "type", "role"];
    ensure(
        object.keys().all(|name| known.contains(&name.as_str())),
        MalformedMember::UnknownMember,
    )?;
    ensure(member.to_string().len() <= 2_000, MalformedMember::TooLong)?;
    ensure(!has_control(member), MalformedMember::Control)?;
    let identified = ["reference", "canonical", "identifier"];
    ensure(
        identified.iter().any(|name| object.contains_key(*name)),
        MalformedMember::Unidentified,
    )?;
    let of_reference = text(object, "reference", MalformedMember::Reference)?
        .map(|reference| type_of(reference).ok_or(MalformedMember::Reference))
        .transpose()?;
    if let Some(canonical) = text(object, "canonical", MalformedMember::Canonical)? {
        let (url, _) = canonical.split_once('|').unwrap_or((canonical, ""));
        ensure(is_absolute(url), MalformedMember::Canonical)?;
    }
    if let Some(identifier) = object.get("identifier") {
        check_identifier(identifier)?;
    }
    let named = text(object, "type", MalformedMember::Type)?;
    let fits = |named| resource_types::is_type(named) && of_reference.is_none_or(|of| of == named);
    ensure(named.is_none_or(fits), MalformedMember::Type)?;
    let role = text(object, "role", MalformedMember::Role)?.unwrap_or(LAUNCH);
    ensure(role == LAUNCH || is_absolute(role), MalformedMember::Role)?;
    let reserved = matches!(named.or(of_reference), Some("Patient" | "Encounter"));
    ensure(!reserved || role != LAUNCH, MalformedMember::Reserved)
}

/// A member that is a text where it is there at all.
fn text<'a>(
    object: &'a Map<String, Value>,
    name: &str,
    otherwise: MalformedMember,
) -> Result<Option<&'a str>, MalformedMember> {
    object.get(name).map(|value| value.as_str().ok_or(otherwise)).transpose()
}

/// The type of a relative reference: `Type/id`, with or without a version.
fn type_of(reference: &str) -> Option<&str> {
    let mut parts = reference.split('/');
    let (kind, id) = (parts.next()?, parts.next()?);
    let version = match (parts.next(), parts.next(), parts.next()) {
        (None, None, None) => None,
        (Some("_history"), Some(version), None) => Some(version),
        _ => return None,
    };
    let fits = resource_types::is_type(kind) && is_fhir_id(id) && version.is_none_or(is_fhir_id);
    fits.then_some(kind)
}

/// FHIR R4 datatypes, `Identifier`: who is meant is said by its value, within its system.
fn check_identifier(identifier: &Value) -> Result<(), MalformedMember> {
    let object = identifier.as_object().ok_or(MalformedMember::Identifier)?;
    let known = ["id", "extension", "use", "type", "system", "value", "period", "assigner"];
    ensure(object.keys().all(|name| known.contains(&name.as_str())), MalformedMember::Identifier)?;
    let value = text(object, "value", MalformedMember::Identifier)?;
    let system = text(object, "system", MalformedMember::Identifier)?;
    ensure(value.is_some_and(|value| !value.is_empty()), MalformedMember::Identifier)?;
    ensure(system.is_none_or(is_absolute), MalformedMember::Identifier)
}

/// A URI with a scheme (RFC 3986 §3); `urn:oid:…` is one, too.
fn is_absolute(text: &str) -> bool {
    let plain = text.bytes().all(|octet| octet.is_ascii_graphic());
    plain && Url::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn sc_17_what_identifies_a_resource_is_admitted() {
        for good in [
            json!({"reference": "ImagingStudy/1"}),
            json!({"reference": "ImagingStudy/1/_history/2", "type": "ImagingStudy"}),
            json!({"reference": "DiagnosticReport/1", "role": "launch"}),
            json!({"identifier": {"value": "x"}, "type": "ServiceRequest"}),
            json!({"identifier": {"system": "urn:oid:1.2.3", "value": "x", "use": "official"}}),
            json!({"canonical": "https://a.example/Questionnaire/phq-9|1.0", "type": "Questionnaire"}),
            json!({"reference": "Patient/1", "role": "https://a.example/sibling"}),
            json!({"reference": "Encounter/1", "role": "urn:example:before"}),
        ] {
            assert_eq!(check(&good), Ok(()), "{good}");
        }
    }

    #[test]
    fn sc_17_each_fault_is_named() {
        for (bad, fault) in [
            (json!("ImagingStudy/1"), MalformedMember::NotAnObject),
            (json!({"role": "https://a.example/x"}), MalformedMember::Unidentified),
            (json!({"reference": "ImagingStudy/1", "rolle": "x"}), MalformedMember::UnknownMember),
            (json!({"reference": 1}), MalformedMember::Reference),
            (json!({"reference": "ImagingStudy"}), MalformedMember::Reference),
            (json!({"reference": "Imaging/1"}), MalformedMember::Reference),
            (json!({"reference": "ImagingStudy/.."}), MalformedMember::Reference),
            (json!({"reference": "ImagingStudy/1/2"}), MalformedMember::Reference),
            (json!({"reference": "https://a.example/ImagingStudy/1"}), MalformedMember::Reference),
            (json!({"canonical": "Questionnaire/1"}), MalformedMember::Canonical),
            (json!({"canonical": "|1"}), MalformedMember::Canonical),
            (json!({"identifier": "x"}), MalformedMember::Identifier),
            (json!({"identifier": {}}), MalformedMember::Identifier),
            (json!({"identifier": {"value": ""}}), MalformedMember::Identifier),
            (json!({"identifier": {"value": "x", "system": "mrn"}}), MalformedMember::Identifier),
            (json!({"identifier": {"wert": "x"}}), MalformedMember::Identifier),
            (json!({"identifier": {"value": "x\0"}}), MalformedMember::Control),
            (
                json!({"identifier": {"value": "x", "type": {"a\u{85}": 1}}}),
                MalformedMember::Control,
            ),
            (json!({"reference": "ImagingStudy/1", "type": "Observation"}), MalformedMember::Type),
            (json!({"canonical": "https://a.example/q", "type": "Q"}), MalformedMember::Type),
            (json!({"reference": "ImagingStudy/1", "role": ""}), MalformedMember::Role),
            (json!({"reference": "ImagingStudy/1", "role": null}), MalformedMember::Role),
            (json!({"reference": "ImagingStudy/1", "role": "focus"}), MalformedMember::Role),
            (json!({"reference": "Patient/1"}), MalformedMember::Reserved),
            (json!({"reference": "Encounter/1", "role": "launch"}), MalformedMember::Reserved),
            (json!({"identifier": {"value": "x"}, "type": "Patient"}), MalformedMember::Reserved),
            (
                json!({"canonical": format!("https://a.example/{}", "x".repeat(2_000))}),
                MalformedMember::TooLong,
            ),
        ] {
            assert_eq!(check(&bad), Err(fault), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn sc_17_no_reference_is_a_patient_in_the_launch_role(text in "[A-Za-z/_.0-9]{0,40}") {
            let member = json!({"reference": text});
            if check(&member).is_ok() {
                prop_assert!(!text.starts_with("Patient/") && !text.starts_with("Encounter/"));
                prop_assert!(text.split('/').nth(1).is_some_and(is_fhir_id));
            }
        }
    }
}
