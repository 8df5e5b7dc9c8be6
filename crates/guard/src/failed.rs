//! Which check a token failed, in a word for programs and a sentence for their developers.

use std::borrow::Cow;
use std::fmt;

/// The checks of a request's credentials, in the order in which they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// There is a token.
    Presence,
    /// It can be read.
    Form,
    /// It is of an issuer that is trusted.
    Issuer,
    /// It is an access token.
    Type,
    /// It is signed with an algorithm that is accepted.
    Algorithm,
    /// It is for this server.
    Audience,
    /// Its issuer publishes the key that it names.
    Key,
    /// Its signature is by that key.
    Signature,
    /// Its issuer says that it is active.
    Active,
    /// It says all that it must.
    Claims,
    /// It is valid already.
    NotBefore,
    /// It has not expired.
    Expiry,
    /// It was not revoked or suspended.
    Status,
    /// It is shown in the way that it is bound to: with a proof, with a certificate, or by its bearer.
    Binding,
    /// The proof of possession is good.
    Proof,
    /// The server's nonce is in the proof.
    Nonce,
    /// User name and password are right.
    Password,
}

/// A check that a request's credentials failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Which.
    pub check: Check,
    /// How, as the end of a sentence about the token.
    pub why: Cow<'static, str>,
}

impl Check {
    /// Every check, in the order in which they are made.
    pub const VARIANTS: [Self; 17] = [
        Self::Presence,
        Self::Form,
        Self::Issuer,
        Self::Type,
        Self::Algorithm,
        Self::Active,
        Self::Claims,
        Self::Audience,
        Self::Key,
        Self::Signature,
        Self::Status,
        Self::NotBefore,
        Self::Expiry,
        Self::Binding,
        Self::Proof,
        Self::Nonce,
        Self::Password,
    ];

    /// Its word, in `WWW-Authenticate` and `OperationOutcome`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Presence => "presence",
            Self::Form => "form",
            Self::Issuer => "issuer",
            Self::Type => "type",
            Self::Algorithm => "algorithm",
            Self::Audience => "audience",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Active => "active",
            Self::Claims => "claims",
            Self::NotBefore => "not-before",
            Self::Expiry => "expiry",
            Self::Status => "status",
            Self::Binding => "binding",
            Self::Proof => "proof",
            Self::Nonce => "nonce",
            Self::Password => "password",
        }
    }

    /// The `error` of `WWW-Authenticate`; none where nothing was shown (RFC 6750 §3.1, RFC 9449 §7.1, §9).
    #[must_use]
    pub const fn error(self) -> Option<&'static str> {
        match self {
            Self::Presence | Self::Password => None,
            Self::Proof => Some("invalid_dpop_proof"),
            Self::Nonce => Some("use_dpop_nonce"),
            Self::Form
            | Self::Issuer
            | Self::Type
            | Self::Algorithm
            | Self::Audience
            | Self::Key
            | Self::Signature
            | Self::Active
            | Self::Claims
            | Self::NotBefore
            | Self::Expiry
            | Self::Status
            | Self::Binding => Some("invalid_token"),
        }
    }

    /// That it failed, and how.
    #[must_use]
    pub fn failed(self, why: impl Into<Cow<'static, str>>) -> Failed {
        Failed { check: self, why: why.into() }
    }

    /// Nothing, where it holds.
    ///
    /// # Errors
    /// It does not.
    pub(crate) fn ensure(self, holds: bool, why: &'static str) -> Result<(), Failed> {
        if holds { Ok(()) } else { Err(self.failed(why)) }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.check {
            Check::Presence | Check::Password => f.write_str(&self.why),
            Check::Proof | Check::Nonce => {
                write!(f, "the DPoP proof is not accepted: {}", self.why)
            }
            Check::Form
            | Check::Issuer
            | Check::Type
            | Check::Algorithm
            | Check::Audience
            | Check::Key
            | Check::Signature
            | Check::Active
            | Check::Claims
            | Check::NotBefore
            | Check::Expiry
            | Check::Status
            | Check::Binding => write!(f, "the access token is not accepted: {}", self.why),
        }
    }
}
