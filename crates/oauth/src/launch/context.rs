//! What an app is told beside its token (SC-16): every member is top level in the token answer.

use serde_json::{Map, Value};

use super::{
    AskedContext,
    fhir_context::{self, MalformedMember},
};
use crate::{error::ensure, text::is_unseen};

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
    /// `appContext`: what the Task or card that led to the launch says to the app (TL-2).
    pub app_context: Option<String>,
}

/// Why a launch context is not one: what was expected of which member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedContext {
    /// FHIR R4 §2.24.0.1, `id`.
    #[error("{0} must be a FHIR id: 1 to 64 characters of A-Z a-z 0-9 - .")]
    Id(&'static str),
    /// A person who picks another patient would be told of a visit that is not that patient's.
    #[error("encounter is told together with its patient: patient is missing")]
    EncounterAlone,
    /// SC-17
    #[error("fhirContext[{at}] {why}")]
    FhirContext {
        /// Which object.
        at: usize,
        /// What was expected.
        why: MalformedMember,
    },
    /// Too much to be carried in every token answer.
    #[error("fhirContext must have no more than 50 objects")]
    TooMany,
    /// A text that says nothing, or too much to be carried in every token answer.
    #[error("{member} must have 1 to {most} characters")]
    Length {
        /// The member.
        member: &'static str,
        /// How many octets it may have.
        most: usize,
    },
    /// Characters that are not seen: of no use to a person, and NUL of none to a database.
    #[error("{member} must have no control characters, and no characters that turn its direction")]
    Unseen {
        /// The member.
        member: &'static str,
    },
}

impl LaunchContext {
    /// Checks what an EHR says of a launch.
    ///
    /// # Errors
    /// When a member is not what SC-16 or SC-17 wants.
    pub fn checked(self) -> Result<Self, MalformedContext> {
        let ids = [("patient", &self.patient), ("encounter", &self.encounter)];
        for (member, id) in ids {
            let fits = id.as_ref().is_none_or(|id| is_fhir_id(id));
            ensure(fits, MalformedContext::Id(member))?;
        }
        let alone = self.encounter.is_some() && self.patient.is_none();
        ensure(!alone, MalformedContext::EncounterAlone)?;
        let texts = [
            ("intent", &self.intent, 1_000),
            ("smart_style_url", &self.smart_style_url, 1_000),
            ("tenant", &self.tenant, 1_000),
            ("appContext", &self.app_context, 4_000),
        ];
        for (member, text, most) in texts {
            let fits = text.as_ref().is_none_or(|text| (1..=most).contains(&text.len()));
            ensure(fits, MalformedContext::Length { member, most })?;
            let unseen = text.as_ref().is_some_and(|text| text.contains(unseen_in(member)));
            ensure(!unseen, MalformedContext::Unseen { member })?;
        }
        ensure(self.fhir_context.len() <= 50, MalformedContext::TooMany)?;
        for (at, member) in self.fhir_context.iter().enumerate() {
            fhir_context::check(member).map_err(|why| MalformedContext::FhirContext { at, why })?;
        }
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
            ("appContext", &self.app_context),
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

/// Which characters a text must not have: `appContext` is a text of the app's own, in lines and in any script.
fn unseen_in(member: &str) -> fn(char) -> bool {
    if member == "appContext" { |c| c.is_control() && !matches!(c, '\n' | '\t') } else { is_unseen }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sc_17_the_object_at_fault_is_named() {
        let context = |members: &[Value]| {
            LaunchContext { fhir_context: members.to_vec(), ..LaunchContext::default() }.checked()
        };
        let good = json!({"reference": "ImagingStudy/1"});
        assert!(context(&[]).is_ok() && context(&vec![good.clone(); 50]).is_ok());
        let fault = context(&[good.clone(), json!({"reference": "Patient/1"})]).unwrap_err();
        assert!(fault.to_string().starts_with("fhirContext[1] "), "{fault}");
        assert_eq!(context(&vec![good; 51]), Err(MalformedContext::TooMany));
    }

    #[test]
    fn sc_16_a_visit_is_told_with_its_patient_alone() {
        let context = LaunchContext { encounter: Some("e1".into()), ..LaunchContext::default() };
        assert_eq!(context.clone().checked(), Err(MalformedContext::EncounterAlone));
        assert!(LaunchContext { patient: Some("p1".into()), ..context }.checked().is_ok());
    }

    #[test]
    fn sc_18_tl_2_texts_say_something_and_not_too_much() {
        let intent = |text: &str| {
            LaunchContext { intent: Some(text.into()), ..LaunchContext::default() }.checked()
        };
        assert!(intent("x").is_ok() && intent(&"x".repeat(1_000)).is_ok());
        assert!(intent("").is_err() && intent(&"x".repeat(1_001)).is_err());
        let said = |length: usize| {
            let app_context = Some("x".repeat(length));
            LaunchContext { app_context, ..LaunchContext::default() }.checked()
        };
        assert!(said(4_000).is_ok() && said(4_001).is_err() && said(0).is_err());
    }

    #[test]
    fn sc_16_sc_18_texts_have_no_character_that_is_not_seen() {
        let tenant = |text: &str| {
            LaunchContext { tenant: Some(text.into()), ..LaunchContext::default() }.checked()
        };
        for unseen in ["\0", "a\u{202e}b", "a\nb", "\u{85}", "\u{7f}", "\u{2066}"] {
            let fault = tenant(unseen).unwrap_err();
            assert_eq!(fault, MalformedContext::Unseen { member: "tenant" }, "{unseen:?}");
            let context = LaunchContext { intent: Some(unseen.into()), ..LaunchContext::default() };
            assert_eq!(context.checked(), Err(MalformedContext::Unseen { member: "intent" }));
        }
        assert!(tenant("klinik süd / عيادة").is_ok());
        let said = |text: &str| {
            LaunchContext { app_context: Some(text.into()), ..LaunchContext::default() }.checked()
        };
        assert!(said("{\n\t\"a\": \"\u{200f}عيادة\"\n}").is_ok());
        for control in ["\0", "a\rb", "\u{1b}[2J", "\u{9b}"] {
            let fault = said(control).unwrap_err();
            assert_eq!(fault, MalformedContext::Unseen { member: "appContext" }, "{control:?}");
        }
    }

    #[test]
    fn sc_16_members_are_top_level_and_bare() {
        let context = LaunchContext {
            patient: Some("p1".into()),
            need_patient_banner: Some(false),
            app_context: Some("{}".into()),
            ..LaunchContext::default()
        };
        let expected = json!({"patient": "p1", "need_patient_banner": false, "appContext": "{}"});
        assert_eq!(Value::Object(context.members()), expected);
        let slash =
            LaunchContext { patient: Some("Patient/p1".into()), ..LaunchContext::default() };
        assert_eq!(slash.checked(), Err(MalformedContext::Id("patient")));
        for dots in [".", ".."] {
            let context =
                LaunchContext { encounter: Some(dots.into()), ..LaunchContext::default() };
            assert_eq!(context.checked(), Err(MalformedContext::Id("encounter")), "{dots}");
        }
    }
}
