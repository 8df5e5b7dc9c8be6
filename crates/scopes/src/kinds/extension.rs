//! Scopes that somebody else defined: a full URI, or a name that starts with `__` (SC-25).

use std::fmt;

use super::Kind;
use crate::{Invalid, Message};

/// A scope whose meaning this crate does not know. It is compared by its spelling alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Extension(String);

impl Extension {
    /// Reads a token of legal characters that no other kind has claimed.
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let private = text.strip_prefix("__").is_some_and(|name| !name.is_empty());
        if private || is_full_uri(text) { Ok(Self(text.to_owned())) } else { Err(Invalid::Unknown) }
    }

    /// The scope as it was asked.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Kind for Extension {
    fn describe(&self) -> Message {
        Message { key: "scope-extension", args: vec![("name", self.0.clone())] }
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `scheme://something`, or a URN: no bare `word:word`, which is nobody's namespace.
fn is_full_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let hierarchical = rest.strip_prefix("//").is_some_and(|rest| !rest.is_empty());
    named && (hierarchical || scheme.eq_ignore_ascii_case("urn") && !rest.is_empty())
}
