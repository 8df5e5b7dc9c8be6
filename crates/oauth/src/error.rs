//! The error codes that clients hear, and nothing of what we know besides (RFC 6749 §4.1.2.1 and §5.2).

use std::fmt;

use crate::explain::{Fact, MOST_FACTS};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $wire:literal),+ $(,)?) => {
        /// An error code on the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant),+ }

        impl Code {
            /// Every code.
            pub const VARIANTS: &[Self] = &[$(Self::$variant),+];

            /// The code that the specification spells so.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::VARIANTS.iter().copied().find(|code| code.as_str() == text)
            }

            /// The code as the specification spells it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire),+ }
            }
        }
    };
}

codes! {
    /// RFC 6749 §4.1.2.1, §5.2
    InvalidRequest = "invalid_request",
    /// RFC 6749 §5.2: client authentication failed.
    InvalidClient = "invalid_client",
    /// RFC 6749 §5.2
    InvalidGrant = "invalid_grant",
    /// RFC 6749 §4.1.2.1, §5.2
    UnauthorizedClient = "unauthorized_client",
    /// RFC 6749 §5.2
    UnsupportedGrantType = "unsupported_grant_type",
    /// RFC 6749 §4.1.2.1
    UnsupportedResponseType = "unsupported_response_type",
    /// RFC 6749 §4.1.2.1, §5.2
    InvalidScope = "invalid_scope",
    /// RFC 6749 §4.1.2.1
    AccessDenied = "access_denied",
    /// RFC 6749 §4.1.2.1
    ServerError = "server_error",
    /// RFC 6749 §4.1.2.1
    TemporarilyUnavailable = "temporarily_unavailable",
    /// RFC 8707 §2
    InvalidTarget = "invalid_target",
    /// RFC 7009 §2.2.1
    UnsupportedTokenType = "unsupported_token_type",
    /// RFC 6750 §3.1
    InvalidToken = "invalid_token",
    /// RFC 6750 §3.1
    InsufficientScope = "insufficient_scope",
    /// `OpenID` Connect Core §3.1.2.6
    LoginRequired = "login_required",
    /// `OpenID` Connect Core §3.1.2.6
    ConsentRequired = "consent_required",
    /// `OpenID` Connect Core §3.1.2.6
    InteractionRequired = "interaction_required",
    /// `OpenID` Connect Core §3.1.2.6
    RequestNotSupported = "request_not_supported",
    /// `OpenID` Connect Core §3.1.2.6
    RequestUriNotSupported = "request_uri_not_supported",
    /// `OpenID` Connect Core §3.1.2.6, RFC 9126 §2.3
    InvalidRequestUri = "invalid_request_uri",
    /// `OpenID` Connect Core §3.1.2.6, RFC 9101 §6.1
    InvalidRequestObject = "invalid_request_object",
    /// `OpenID` Connect Core §3.1.2.6
    RegistrationNotSupported = "registration_not_supported",
    /// `OpenID` Connect Core Unmet Authentication Requirements 1.0
    UnmetAuthenticationRequirements = "unmet_authentication_requirements",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a client is told when it may not: a code, and a sentence of ours that says what was expected.
///
/// The sentence never holds raw input (OC-0-05).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {description}")]
pub struct Refused {
    /// The code on the wire.
    pub code: Code,
    /// `error_description`.
    pub description: String,
    /// What its explanation says besides.
    pub facts: Vec<Fact>,
}

impl Refused {
    /// A refusal with its sentence.
    #[must_use]
    pub fn new(code: Code, description: impl Into<String>) -> Self {
        Self { code, description: sanitized(&description.into()), facts: Vec::new() }
    }

    /// With what its explanation says besides.
    #[must_use]
    pub fn explained(mut self, facts: impl IntoIterator<Item = Fact>) -> Self {
        let room = MOST_FACTS.saturating_sub(self.facts.len());
        self.facts.extend(facts.into_iter().take(room).map(Fact::cut));
        self
    }
}

/// Keeps to %x20-21 / %x23-5B / %x5D-7E (RFC 6749 §5.2).
fn sanitized(text: &str) -> String {
    let legal = |c: char| matches!(c, ' '..='!' | '#'..='[' | ']'..='~');
    text.chars().map(|c| if legal(c) { c } else { '\'' }).collect()
}

/// `Err` unless `holds`.
pub(crate) fn ensure<E>(holds: bool, otherwise: E) -> Result<(), E> {
    if holds { Ok(()) } else { Err(otherwise) }
}
