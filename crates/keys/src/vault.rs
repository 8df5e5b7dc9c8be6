//! Where private keys are made, sealed and opened.

use fireward_jose::backend::rand::SecureRandom;
use fireward_jose::{Algorithm, KeyFault, SigningKey};

use crate::{KeyRecord, MasterKey, NotGenerated, NotOpened, NotSealed, generate};

/// What is needed to make and open the keys of one issuer.
#[derive(Debug, Clone, Copy)]
pub struct Vault<'a> {
    /// The key that all others rest under.
    pub master: &'a MasterKey,
    /// The issuer, which a sealed key is bound to: it opens in no other's name.
    pub issuer: &'a str,
    /// Entropy.
    pub rng: &'a dyn SecureRandom,
}

/// Why a key could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotMade {
    /// Generating it failed.
    #[error(transparent)]
    Generated(#[from] NotGenerated),
    /// Sealing it failed.
    #[error(transparent)]
    Sealed(#[from] NotSealed),
    /// What was generated is no usable key.
    #[error("a generated key cannot be used: {0}")]
    Unusable(#[from] KeyFault),
}

/// Why a stored key could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotUsable {
    #[error(transparent)]
    Opened(#[from] NotOpened),
    #[error("{0}")]
    Key(#[from] KeyFault),
}

impl Vault<'_> {
    /// Makes a key that is published `now` and signs from `signs_from` on: what `Step::Create` asks for.
    ///
    /// # Errors
    /// No entropy, in practice.
    pub fn make(
        &self,
        alg: Algorithm,
        now: i64,
        signs_from: i64,
        after: Option<String>,
    ) -> Result<KeyRecord, NotMade> {
        let private = generate(alg, self.rng)?;
        // Read once for its thumbprint, then again under the name that follows from it.
        let unnamed = SigningKey::from_pkcs8(alg, "unnamed", &private, self.rng)?;
        let kid = unnamed.public_jwk().thumbprint();
        let key = SigningKey::from_pkcs8(alg, kid.clone(), &private, self.rng)?;
        let sealed = self.master.seal(&self.purpose(&kid), &private, self.rng)?;
        let public = key.public_jwk().to_json();
        Ok(KeyRecord {
            kid,
            alg,
            public,
            sealed,
            published_at: now,
            signs_from,
            revoked_at: None,
            after,
        })
    }

    pub(crate) fn open(&self, record: &KeyRecord) -> Result<SigningKey, NotUsable> {
        let private = self.master.open(&self.purpose(&record.kid), &record.sealed)?;
        Ok(SigningKey::from_pkcs8(record.alg, record.kid.clone(), &private, self.rng)?)
    }

    fn purpose<'b>(&'b self, kid: &'b str) -> [&'b str; 3] {
        ["signing key", self.issuer, kid]
    }
}
