//! What an app is told beside its token (SC-16): every member is top level in the token answer.

use serde_json::{Map, Value};

use super::AskedContext;

/// The context of an authorization, as the app will hear it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LaunchContext {
    /// The id of the patient in context.
    pub patient: Option<String>,
    /// The id of the encounter in context.
    pub encounter: Option<String>,
    /// `fhirContext`: objects as SC-17 has them.
    pub fhir_context: Vec<Value>,
    /// `intent`, agreed between app and EHR.
    pub intent: Option<String>,
    /// Whether the app must show whose record it is.
    pub need_patient_banner: Option<bool>,
    /// Where the EHR's style is.
    pub smart_style_url: Option<String>,
    /// The organisation within the EHR, opaque.
    pub tenant: Option<String>,
}

/// Why a launch context is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedContext {
    /// FHIR R4 §2.24.0.1, `id`.
    #[error("patient and encounter must be FHIR ids: 1 to 64 characters of A-Z a-z 0-9 - .")]
    Id,
    /// SC-17
    #[error(
        "each fhirContext object needs reference, canonical or identifier, and a role that is not empty"
    )]
    FhirContext,
    /// SC-17
    #[error("Patient and Encounter are in fhirContext only with a role other than launch")]
    Reserved,
    /// A member that is too long to be carried.
    #[error("a member of the launch context is too long")]
    TooLong,
}

impl LaunchContext {
    /// Checks what an EHR says of a launch.
    ///
    /// # Errors
    /// When a member is not what SC-16 or SC-17 wants.
    pub fn checked(self) -> Result<Self, MalformedContext> {
        let ids = [&self.patient, &self.encounter];
        if !ids.into_iter().flatten().all(|id| is_fhir_id(id)) {
            return Err(MalformedContext::Id);
        }
        let texts = [&self.intent, &self.smart_style_url, &self.tenant];
        let too_many = self.fhir_context.len() > 50;
        if too_many || texts.into_iter().flatten().any(|text| text.len() > 1_000) {
            return Err(MalformedContext::TooLong);
        }
        self.fhir_context.iter().try_for_each(check_member)?;
        Ok(self)
    }

    /// Adds what was picked: the encounter as the member of its own, everything else to `fhirContext` (SC-17).
    pub fn hand_over(&mut self, asked: &AskedContext, id: &str) {
        if asked.resource_type == "Encounter" {
            self.encounter = Some(id.to_owned());
        } else {
            self.fhir_context.push(asked.member(id));
        }
    }

    /// Whether it has something of the type that was asked, in whatever role.
    #[must_use]
    pub fn has(&self, asked: &AskedContext) -> bool {
        match asked.resource_type.as_str() {
            "Patient" => self.patient.is_some(),
            "Encounter" => self.encounter.is_some(),
            other => self.fhir_context.iter().any(|member| kind(member) == Some(other)),
        }
    }

    /// The members of the token answer and of introspection (AL-20, AL-29, TI-3).
    #[must_use]
    pub fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let texts = [
            ("patient", &self.patient),
            ("encounter", &self.encounter),
            ("intent", &self.intent),
            ("smart_style_url", &self.smart_style_url),
            ("tenant", &self.tenant),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                members.insert(name.to_owned(), text.as_str().into());
            }
        }
        if let Some(banner) = self.need_patient_banner {
            members.insert("need_patient_banner".to_owned(), banner.into());
        }
        if !self.fhir_context.is_empty() {
            members.insert("fhirContext".to_owned(), self.fhir_context.clone().into());
        }
        members
    }
}

/// Whether `text` is a FHIR `id` (R4 datatypes), and none that would leave its place in an address.
#[must_use]
pub fn is_fhir_id(text: &str) -> bool {
    let legal = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(legal) && !matches!(text, "." | "..")
}

/// The resource type of a member of `fhirContext`, where it says.
fn kind(member: &Value) -> Option<&str> {
    let text = |name: &str| member.get(name).and_then(Value::as_str);
    text("type").or_else(|| text("reference").and_then(|reference| reference.split('/').next()))
}

fn check_member(member: &Value) -> Result<(), MalformedContext> {
    let text = |name: &str| member.get(name).and_then(Value::as_str);
    let role = match member.get("role") {
        None => "launch",
        Some(role) => {
            role.as_str().filter(|role| !role.is_empty()).ok_or(MalformedContext::FhirContext)?
        }
    };
    let identified = text("reference").is_some()
        || text("canonical").is_some()
        || member.get("identifier").is_some_and(Value::is_object);
    if !identified {
        return Err(MalformedContext::FhirContext);
    }
    if role == "launch" && matches!(kind(member), Some("Patient" | "Encounter")) {
        return Err(MalformedContext::Reserved);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(member: Value) -> Result<LaunchContext, MalformedContext> {
        LaunchContext { fhir_context: vec![member], ..LaunchContext::default() }.checked()
    }

    #[test]
    fn sc_17_fhir_context_members_identify_something_and_keep_patient_apart() {
        assert!(with(json!({"reference": "ImagingStudy/1"})).is_ok());
        assert!(with(json!({"identifier": {"value": "x"}, "type": "ServiceRequest"})).is_ok());
        assert!(
            with(json!({"reference": "Patient/1", "role": "https://a.example/sibling"})).is_ok()
        );
        assert_eq!(with(json!({"role": "x"})), Err(MalformedContext::FhirContext));
        assert_eq!(
            with(json!({"reference": "X/1", "role": ""})),
            Err(MalformedContext::FhirContext)
        );
        assert_eq!(with(json!({"reference": "Patient/1"})), Err(MalformedContext::Reserved));
        assert_eq!(
            with(json!({"reference": "Encounter/1", "role": "launch"})),
            Err(MalformedContext::Reserved)
        );
        assert_eq!(with(json!("ImagingStudy/1")), Err(MalformedContext::FhirContext));
    }

    #[test]
    fn sc_16_members_are_top_level_and_bare() {
        let context = LaunchContext {
            patient: Some("p1".into()),
            need_patient_banner: Some(false),
            ..LaunchContext::default()
        };
        let expected = json!({"patient": "p1", "need_patient_banner": false});
        assert_eq!(Value::Object(context.members()), expected);
        let slash =
            LaunchContext { patient: Some("Patient/p1".into()), ..LaunchContext::default() };
        assert_eq!(slash.checked(), Err(MalformedContext::Id));
        for dots in [".", ".."] {
            let context =
                LaunchContext { encounter: Some(dots.into()), ..LaunchContext::default() };
            assert_eq!(context.checked(), Err(MalformedContext::Id), "{dots}");
        }
    }
}
