//! Context that an app asks to be handed: `launch/patient`, `launch/encounter`, and any other
//! lower-case type with an optional `?role=` (SC-13).

use std::fmt;

use super::Kind;
use crate::{Invalid, Message, resource_types};

/// A `launch/…` scope. The bare `launch` is [`crate::Scope::Launch`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LaunchContext {
    /// The resource type, in lower case.
    pub resource_type: String,
    /// The role, as asked: a URI, or a name that the guide defines.
    pub role: Option<String>,
}

impl LaunchContext {
    /// Reads what stands after `launch/`.
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let (name, query) = text.split_once('?').map_or((text, None), |(n, q)| (n, Some(q)));
        let known = resource_types::from_lowercase(name).is_some();
        let role = match query {
            None => None,
            Some(query) => Some(role(query).ok_or(Invalid::LaunchContext)?),
        };
        if known {
            Ok(Self { resource_type: name.to_owned(), role })
        } else {
            Err(Invalid::LaunchContext)
        }
    }

    /// Whether what it asks for is a patient, or is among a patient's records.
    pub(crate) fn is_of_patient(&self) -> bool {
        resource_types::from_lowercase(&self.resource_type)
            .is_some_and(resource_types::is_of_patients)
    }

    /// A context of some type covers the same one in any role; a context in a role only itself.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.resource_type == other.resource_type
            && (self.role.is_none() || self.role == other.role)
    }

    /// The greatest context below both, if there is one.
    pub(crate) fn narrow(&self, other: &Self) -> Option<Self> {
        if other.covers(self) {
            Some(self.clone())
        } else {
            self.covers(other).then(|| other.clone())
        }
    }
}

impl Kind for LaunchContext {
    fn describe(&self) -> Message {
        let role = self.role.clone().unwrap_or_default();
        let named = resource_types::from_lowercase(&self.resource_type).unwrap_or_default();
        let (kind, named) = (self.resource_type.clone(), named.to_owned());
        let args = vec![("type", kind), ("named", named), ("role", role)];
        Message { key: "scope-launch-context", args }
    }
}

impl fmt::Display for LaunchContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "launch/{}", self.resource_type)?;
        self.role.as_ref().map_or(Ok(()), |role| write!(f, "?role={role}"))
    }
}

/// One role, and nothing else.
fn role(query: &str) -> Option<String> {
    let role = query.strip_prefix("role=")?;
    (!role.is_empty() && !role.contains('&')).then(|| role.to_owned())
}
