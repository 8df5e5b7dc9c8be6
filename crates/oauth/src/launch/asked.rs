//! Context beside the patient that a `launch/…` scope asks for (SC-13), and what was picked for it.

use std::fmt;

use fireward_scopes::{LaunchContext as Asking, Scope, ScopeSet, resource_types};
use serde_json::{Value, json};
use url::Url;

/// One resource that an app asks to be handed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedContext {
    /// Its type, as FHIR spells it.
    pub resource_type: String,
    /// The role that it is handed over in, where that is one of the app's own: an absolute URI.
    pub role: Option<String>,
}

/// What a person picked for one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// The resource of this id.
    Resource(String),
    /// They go on without one.
    Without,
    /// The FHIR server has none of that type to pick from.
    Unavailable,
}

/// What was picked for an authorization so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picks(Vec<(AskedContext, Pick)>);

impl AskedContext {
    /// What a scope asks for. A role of the guide's own, or one that is no URI, is none that we can hand something
    /// over in: the app gets the type without it. Encounters have a member of their own, which has no roles (SC-17).
    #[must_use]
    pub fn of(scope: &Asking) -> Option<Self> {
        let kind = resource_types::from_lowercase(&scope.resource_type)?;
        let role = scope.role.as_deref().filter(|role| kind != "Encounter" && is_role(role));
        Some(Self { resource_type: kind.to_owned(), role: role.map(str::to_owned) })
    }

    /// All that is asked beside the patient, each once, in the order asked.
    #[must_use]
    pub fn all(scopes: &ScopeSet) -> Vec<Self> {
        let mut all = Vec::new();
        for scope in scopes.iter() {
            let Scope::LaunchContext(asking) = scope else { continue };
            let asked = Self::of(asking).filter(|asked| asked.resource_type != "Patient");
            all.extend(asked.filter(|asked| !all.contains(asked)));
        }
        all
    }

    /// Whether it is among a patient's records, and so needs one in context.
    #[must_use]
    pub fn is_of_patient(&self) -> bool {
        resource_types::is_of_patients(&self.resource_type)
    }

    /// The member of `fhirContext` that hands over the resource of this id (SC-17).
    #[must_use]
    pub fn member(&self, id: &str) -> Value {
        let mut member = json!({
            "reference": format!("{}/{id}", self.resource_type), "type": self.resource_type,
        });
        if let (Some(role), Some(members)) = (&self.role, member.as_object_mut()) {
            members.insert("role".to_owned(), role.as_str().into());
        }
        member
    }
}

impl fmt::Display for AskedContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.resource_type)?;
        self.role.as_ref().map_or(Ok(()), |role| write!(f, "?role={role}"))
    }
}

impl Picks {
    /// What was picked for it; `None` while nothing was.
    #[must_use]
    pub fn of(&self, asked: &AskedContext) -> Option<&Pick> {
        self.0.iter().find(|(one, _)| one == asked).map(|(_, pick)| pick)
    }

    /// Puts a pick in the place of the one before.
    pub fn set(&mut self, asked: AskedContext, pick: Pick) {
        self.0.retain(|(one, _)| *one != asked);
        self.0.push((asked, pick));
    }

    /// Every pick.
    pub fn iter(&self) -> impl Iterator<Item = &(AskedContext, Pick)> {
        self.0.iter()
    }
}

impl FromIterator<(AskedContext, Pick)> for Picks {
    fn from_iter<I: IntoIterator<Item = (AskedContext, Pick)>>(picks: I) -> Self {
        Self(picks.into_iter().collect())
    }
}

/// Whether something can be handed over in this role: a relative one is defined by the guide alone (SC-17).
fn is_role(role: &str) -> bool {
    Url::parse(role).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::LaunchContext;

    fn asked(scopes: &str) -> Vec<String> {
        let all = AskedContext::all(&scopes.parse().unwrap());
        all.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn sc_13_every_role_of_a_type_is_asked_for_once() {
        let scopes = "launch/patient launch/imagingstudy launch/questionnaire?role=https://a.example/form \
             launch/questionnaire?role=urn:b launch/imagingstudy?role=launch patient/*.rs";
        let expected = [
            "ImagingStudy",
            "Questionnaire?role=https://a.example/form",
            "Questionnaire?role=urn:b",
        ];
        assert_eq!(asked(scopes), expected);
    }

    #[test]
    fn sc_13_a_role_that_is_not_supported_still_asks_for_the_type() {
        assert_eq!(asked("launch/imagingstudy?role=prior"), ["ImagingStudy"]);
        assert_eq!(
            asked("launch/encounter launch/encounter?role=https://a.example/b"),
            ["Encounter"]
        );
        assert!(asked("launch/patient?role=https://a.example/sibling").is_empty());
    }

    #[test]
    fn sc_17_what_is_handed_over_is_a_member_of_fhir_context() {
        let all = AskedContext::all(&"launch/imagingstudy?role=urn:prior".parse().unwrap());
        let member = all[0].member("i1");
        let expected =
            json!({"reference": "ImagingStudy/i1", "type": "ImagingStudy", "role": "urn:prior"});
        assert_eq!(member, expected);
        let context = LaunchContext { fhir_context: vec![member], ..LaunchContext::default() };
        assert!(context.checked().is_ok());
    }
}
