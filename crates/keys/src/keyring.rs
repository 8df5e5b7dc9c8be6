//! The keys of one issuer as a node holds them: ready to sign, and the published set ready to send.

use bytes::Bytes;
use fireward_jose::{Algorithm, Jwk, JwkSet, NoKey, SigningKey, VerifyingKey, b64, sha256};

use crate::{KeyRecord, Policy, Stage, Vault};

/// A copy of an issuer's keys, good for `Policy::refresh` seconds.
#[derive(Debug)]
pub struct Keyring {
    /// Those that sign now or will, each with the time it begins, oldest first.
    signers: Vec<(i64, SigningKey)>,
    published: JwkSet,
    jwks: Bytes,
    jwks_digest: String,
    loaded_at: i64,
    stale_from: i64,
}

/// Why nothing may be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotSign {
    /// The copy is too old: a key may have been replaced or revoked since.
    #[error("the keys have not been read from the store for too long")]
    Stale,
    /// No key of this algorithm signs now.
    #[error("no key for {0} signs now")]
    NoKey(Algorithm),
}

/// A stored key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key {kid} cannot be used: {reason}")]
pub struct Unusable {
    /// Which key.
    pub kid: String,
    /// Why not.
    pub reason: String,
}

impl Keyring {
    /// Opens the keys that sign now or later, and renders the set that is published.
    ///
    /// # Errors
    /// A key cannot be opened: another master key, another issuer, or a damaged row.
    pub fn open(
        records: &[KeyRecord],
        policy: &Policy,
        vault: &Vault<'_>,
        now: i64,
    ) -> Result<Self, Unusable> {
        let mut staged: Vec<(Stage, &KeyRecord)> =
            records.iter().map(|key| (key.stage(records, policy, now), key)).collect();
        staged.retain(|(stage, _)| is_published(*stage));
        staged.sort_by_key(|(stage, key)| (place(key.alg), *stage, key.order()));

        let public = |(_, key): &(Stage, &KeyRecord)| {
            Jwk::parse(key.public.to_string().as_bytes()).map_err(|e| unusable(key, e))
        };
        let published: JwkSet = staged.iter().map(public).collect::<Result<_, _>>()?;
        let mut signers: Vec<_> = staged
            .iter()
            .filter(|(stage, _)| *stage != Stage::Retiring)
            .map(|(_, key)| {
                let signer = vault.open(key).map_err(|e| unusable(key, e))?;
                Ok((key.signs_from, signer))
            })
            .collect::<Result<_, Unusable>>()?;
        signers.sort_by(|(a, one), (b, other)| (a, one.kid()).cmp(&(b, other.kid())));
        let jwks = Bytes::from(published.to_json().to_string());
        let stale_from = now.saturating_add(policy.refresh);
        let jwks_digest = b64::encode(sha256(&jwks));
        Ok(Self { signers, published, jwks, jwks_digest, loaded_at: now, stale_from })
    }

    /// The key that signs with an algorithm at this time.
    ///
    /// # Errors
    /// The copy is too old, or the issuer does not sign with this algorithm.
    pub fn signing(&self, alg: Algorithm, now: i64) -> Result<&SigningKey, CannotSign> {
        if !self.is_fresh(now) {
            return Err(CannotSign::Stale);
        }
        self.signers
            .iter()
            .rfind(|(from, key)| key.alg() == alg && *from <= now)
            .map(|(_, key)| key)
            .ok_or(CannotSign::NoKey(alg))
    }

    /// The key that a token of ours names, if it is still published.
    ///
    /// # Errors
    /// There is none.
    pub fn verifying(&self, alg: Algorithm, kid: Option<&str>) -> Result<&VerifyingKey, NoKey> {
        self.published.select(alg, kid)
    }

    /// The published set, as the body of `/jwks`: RSA first, for clients that look at the first key only.
    #[must_use]
    pub fn jwks(&self) -> Bytes {
        self.jwks.clone()
    }

    /// Names that body: its SHA-256 in base64url, for an `ETag`.
    #[must_use]
    pub fn jwks_digest(&self) -> &str {
        &self.jwks_digest
    }

    /// Whether the copy is young enough to sign with, and to be handed out.
    #[must_use]
    pub fn is_fresh(&self, now: i64) -> bool {
        now < self.stale_from
    }

    /// When the keys were read.
    #[must_use]
    pub fn loaded_at(&self) -> i64 {
        self.loaded_at
    }
}

fn is_published(stage: Stage) -> bool {
    match stage {
        Stage::Signing | Stage::Upcoming | Stage::Retiring => true,
        Stage::Gone | Stage::Revoked => false,
    }
}

fn place(alg: Algorithm) -> (bool, Algorithm) {
    (alg.kty() != "RSA", alg)
}

fn unusable(key: &KeyRecord, reason: impl std::fmt::Display) -> Unusable {
    Unusable { kid: key.kid.clone(), reason: reason.to_string() }
}
