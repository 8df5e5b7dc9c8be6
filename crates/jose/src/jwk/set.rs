//! Sets of public keys, and how a token's key is chosen from one (RFC 7517 §5, SMART App Launch 2.2 §5.1.5).

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Jwk, KeyFault};
use crate::json::{self, NotStrict};
use crate::{Algorithm, VerifyingKey};

/// More keys than this are no key set but an attack on whoever must parse them.
const MAX_KEYS: usize = 100;

/// Why a set of keys is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetFault {
    /// Not strict JSON of the form `{"keys": [..]}`.
    #[error("not a JSON Web Key Set: {0}")]
    NotASet(#[from] NotStrict),
    /// No key in it can verify signatures.
    #[error("the key set has no key that can verify signatures")]
    Empty,
    /// More than a hundred keys.
    #[error("the key set has too many keys")]
    TooMany,
    /// One key is not accepted.
    #[error("key {number} of the set is not accepted: {fault}")]
    Key {
        /// Which, counted from one.
        number: usize,
        /// Why.
        fault: KeyFault,
    },
    /// Two keys have the same name, so a token could not say which it means.
    #[error("two keys of the set have the kid {0:?}")]
    DuplicateKid(String),
}

/// Why no key is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// No key of that name and type.
    #[error("no key of the set has the token's kid and suits its algorithm")]
    Unknown,
    /// Several keys would do, and guessing is not for us.
    #[error("several keys of the set suit the token")]
    Ambiguous,
}

/// Public keys of one signer.
#[derive(Debug, Clone, Default)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Raw {
    keys: Vec<Value>,
}

impl JwkSet {
    /// Reads a set that somebody registers: every key must be public, sound, named, and named once.
    ///
    /// # Errors
    /// The first defect, with the number of its key.
    pub fn parse_strict(text: &[u8]) -> Result<Self, SetFault> {
        let mut keys = Vec::new();
        let mut kids = HashSet::new();
        for (value, number) in Raw::read(text)?.keys.into_iter().zip(1..) {
            let at = |fault| SetFault::Key { number, fault };
            let Some(key) = Jwk::read(value).map_err(at)? else {
                continue;
            };
            let kid = key.kid().ok_or(at(KeyFault::NoKid))?;
            if !kids.insert(kid.to_owned()) {
                return Err(SetFault::DuplicateKid(kid.to_owned()));
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(SetFault::Empty);
        }
        Ok(Self { keys })
    }

    /// Reads the set of an issuer: keys that we cannot use or must not trust are left out.
    ///
    /// # Errors
    /// The text as a whole is no key set, or has more keys than anybody needs.
    pub fn parse_lenient(text: &[u8]) -> Result<Self, SetFault> {
        let keys = Raw::read(text)?.keys.into_iter().filter_map(|value| Jwk::read(value).ok()?);
        Ok(Self { keys: keys.collect() })
    }

    /// The one key that a token of this algorithm and `kid` can mean: equal `kid` and a type that suits the
    /// algorithm; without a `kid`, the only key that suits.
    ///
    /// # Errors
    /// No key will do, or several will.
    pub fn select(&self, alg: Algorithm, kid: Option<&str>) -> Result<&VerifyingKey, NoKey> {
        let mut suitable = self
            .keys
            .iter()
            .filter(|key| key.verifying_key().permits(alg))
            .filter(|key| kid.is_none() || key.kid() == kid);
        match (suitable.next(), suitable.next()) {
            (Some(key), None) => Ok(key.verifying_key()),
            (None, _) => Err(NoKey::Unknown),
            (Some(_), Some(_)) => Err(NoKey::Ambiguous),
        }
    }

    /// Each key, in the order of the set.
    pub fn iter(&self) -> impl Iterator<Item = &Jwk> {
        self.keys.iter()
    }

    /// The set as JSON, with public members only.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({ "keys": self.keys.iter().map(Jwk::to_json).collect::<Vec<_>>() })
    }
}

impl FromIterator<Jwk> for JwkSet {
    fn from_iter<I: IntoIterator<Item = Jwk>>(keys: I) -> Self {
        Self { keys: keys.into_iter().collect() }
    }
}

impl Raw {
    fn read(text: &[u8]) -> Result<Self, SetFault> {
        let raw: Self = json::from_slice(text)?;
        if raw.keys.len() > MAX_KEYS {
            return Err(SetFault::TooMany);
        }
        Ok(raw)
    }
}
