//! Bearer secrets: drawn here, shown once, kept only as digests (RFC 6749 §10.10).

use std::{fmt, marker::PhantomData};

use fireward_jose::{b64, backend::digest};
use subtle::ConstantTimeEq as _;

use super::Entropy;

/// The SHA-256 of a secret of kind `T`: all that the database ever holds of it.
pub struct Digest<T>([u8; 32], PhantomData<fn() -> T>);

impl<T> Digest<T> {
    /// The digest of `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(sha256(text.as_bytes()), PhantomData)
    }

    /// A digest read back from where it was kept.
    #[must_use]
    pub const fn from_octets(octets: [u8; 32]) -> Self {
        Self(octets, PhantomData)
    }

    /// Its octets.
    #[must_use]
    pub const fn as_octets(&self) -> &[u8; 32] {
        &self.0
    }
}

impl<T> Clone for Digest<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Digest<T> {}
impl<T> PartialEq for Digest<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}
impl<T> Eq for Digest<T> {}
impl<T> std::hash::Hash for Digest<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Digest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

/// A string that cannot be a secret of ours: wrong length or characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a value that was issued here")]
pub struct MalformedSecret;

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// A fresh one of 256 random bits.
            #[must_use]
            pub fn draw(entropy: &dyn Entropy) -> Self {
                Self(b64::encode(&entropy.draw::<32>()))
            }

            /// Takes what somebody presents.
            ///
            /// # Errors
            /// When it has not the form of those that we draw (OC-0-08: exact length).
            pub fn parse(text: &str) -> Result<Self, MalformedSecret> {
                let octets = b64::decode(text).map_err(|_| MalformedSecret)?;
                if octets.len() == 32 { Ok(Self(text.to_owned())) } else { Err(MalformedSecret) }
            }

            /// What the database knows it by.
            #[must_use]
            pub fn digest(&self) -> Digest<Self> {
                Digest::of(&self.0)
            }

            /// The secret itself, for its owner's eyes.
            #[must_use]
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

secret!(
    /// An authorization code (RFC 6749 §1.3.1).
    Code
);
secret!(
    /// What proves that a `request_uri` was handed out (RFC 9126 §2.2).
    PushedSecret
);
secret!(
    /// The cookie of a signed-in browser.
    SessionToken
);
secret!(
    /// The cookie of any browser: binds requests and forms to it before and after sign-in.
    BrowserToken
);
secret!(
    /// An access token that says nothing by itself: who would use it asks us what it stands for (RFC 7662).
    OpaqueToken
);
secret!(
    /// The opaque `launch` value of an EHR launch (SMART 2.2 app-launch).
    LaunchHandle
);

/// The SHA-256 of a client secret. Secrets have at least 128 bits, so one plain hash suffices.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

/// A client secret too short to be kept as one plain hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a client secret must have at least 22 characters (128 bits)")]
pub struct WeakSecret;

impl SecretHash {
    /// Hashes a secret that a client shall use.
    ///
    /// # Errors
    /// When it is shorter than 128 bits in base64url.
    pub fn of_strong(secret: &str) -> Result<Self, WeakSecret> {
        if secret.len() < 22 { Err(WeakSecret) } else { Ok(Self::of_any(secret)) }
    }

    /// Hashes a secret of any strength: for a presented one, and for the demo's own.
    #[must_use]
    pub fn of_any(secret: &str) -> Self {
        Self(sha256(secret.as_bytes()))
    }

    /// A hash read back from where it was kept.
    #[must_use]
    pub const fn from_octets(octets: [u8; 32]) -> Self {
        Self(octets)
    }

    /// Its octets.
    #[must_use]
    pub const fn as_octets(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `presented` is this secret, in constant time.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        self.0.ct_eq(&sha256(presented.as_bytes())).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

pub(super) fn sha256(octets: &[u8]) -> [u8; 32] {
    let mut into = [0; 32];
    into.copy_from_slice(digest::digest(&digest::SHA256, octets).as_ref());
    into
}
