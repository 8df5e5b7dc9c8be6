//! By which identifier the primary brand is found in its bundle (UB-6).

use std::{fmt, str::FromStr};

use serde_json::{Value, json};

/// An identifier, as smart-configuration names the primary brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrandIdentifier {
    /// Whose identifier it is; `urn:ietf:rfc:3986` for web addresses.
    pub system: Option<String>,
    /// The identifier.
    pub value: String,
}

/// Why a text is no identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an identifier is written as system|value, or as |value where it has no system")]
pub struct NoIdentifier;

impl FromStr for BrandIdentifier {
    type Err = NoIdentifier;

    fn from_str(text: &str) -> Result<Self, NoIdentifier> {
        let (system, value) = text.split_once('|').ok_or(NoIdentifier)?;
        let system = (!system.is_empty()).then(|| system.to_owned());
        if value.is_empty() {
            return Err(NoIdentifier);
        }
        Ok(Self { system, value: value.to_owned() })
    }
}

impl fmt::Display for BrandIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}", self.system.as_deref().unwrap_or_default(), self.value)
    }
}

impl BrandIdentifier {
    /// The identifier that an `Identifier` element holds, if it has a value.
    pub(super) fn of(element: &Value) -> Option<Self> {
        let text = |name: &str| element.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self { system: text("system"), value: text("value")? })
    }

    /// Whether an element is this identifier. One without a system is compared by its value alone.
    pub(super) fn is(&self, element: &Value) -> bool {
        Self::of(element).is_some_and(|other| {
            other.value == self.value && (self.system.is_none() || other.system == self.system)
        })
    }

    pub(super) fn to_json(&self) -> Value {
        match &self.system {
            Some(system) => json!({ "system": system, "value": self.value }),
            None => json!({ "value": self.value }),
        }
    }
}
