//! Names of things. Those that we draw are 128 random bits in base64url.

use std::fmt;

use fireward_jose::b64;

use super::Entropy;

/// Why a string cannot be an id of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: expected 1 to {most} characters of {alphabet}")]
pub struct MalformedId {
    kind: &'static str,
    most: usize,
    alphabet: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $most:literal, $alphabet:literal, $legal:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes `text` if it can be such an id.
            ///
            /// # Errors
            /// When it is empty, too long or has other characters.
            pub fn parse(text: &str) -> Result<Self, MalformedId> {
                let legal: fn(u8) -> bool = $legal;
                if text.is_empty() || text.len() > $most || !text.bytes().all(legal) {
                    return Err(MalformedId {
                        kind: stringify!($name),
                        most: $most,
                        alphabet: $alphabet,
                    });
                }
                Ok(Self(text.to_owned()))
            }

            /// A fresh one that nobody can guess.
            #[must_use]
            pub fn draw(entropy: &dyn Entropy) -> Self {
                Self(b64::encode(&entropy.draw::<16>()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

const fn url_safe(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_')
}

const fn dotted(octet: u8) -> bool {
    url_safe(octet) || matches!(octet, b'.' | b'~')
}

id!(
    /// One of the issuers that a deployment serves; part of every key in the database.
    IssuerId, 63, "A-Z a-z 0-9 - _", url_safe
);
id!(
    /// `client_id` (RFC 6749 §2.2).
    ClientId, 255, "visible ASCII", |octet| octet.is_ascii_graphic()
);
id!(
    /// A user, and the `sub` that clients see.
    UserId, 64, "A-Z a-z 0-9 - _ . ~", dotted
);
id!(
    /// What a person, or a client for itself, was granted; tokens point to it.
    GrantId, 64, "A-Z a-z 0-9 - _", url_safe
);
id!(
    /// One authorization request on its way through the pages.
    AuthorizationId, 64, "A-Z a-z 0-9 - _", url_safe
);
id!(
    /// A resource server that tokens are made for.
    ResourceServerId, 63, "A-Z a-z 0-9 - _", url_safe
);
id!(
    /// `jti` of a token of ours (RFC 7519 §4.1.7).
    Jti, 64, "A-Z a-z 0-9 - _", url_safe
);
id!(
    /// The explanation of a refusal, as its link names it.
    ExplanationId, 64, "A-Z a-z 0-9 - _", url_safe
);
id!(
    /// One HTTP request, as people quote it to support.
    RequestId, 64, "A-Z a-z 0-9 - _", url_safe
);
