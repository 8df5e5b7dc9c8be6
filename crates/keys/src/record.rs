//! A signing key as it is stored, and the stage that follows from it.

use fireward_jose::Algorithm;

/// A signing key of one issuer. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its name: the thumbprint of its public half (RFC 7638).
    pub kid: String,
    /// The one algorithm that it signs with.
    pub alg: Algorithm,
    /// The public half, a JWK (RFC 7517).
    pub public: serde_json::Value,
    /// The private half, PKCS#8 sealed under the master key.
    pub sealed: Vec<u8>,
    /// Since when it is in the published set: since it is stored.
    pub published_at: i64,
    /// When it begins to sign, unless another has taken over by then.
    pub signs_from: i64,
    /// When it was revoked: it is then neither published nor used.
    pub revoked_at: Option<i64>,
    /// The newest key of its algorithm when it was made. Unique with issuer and algorithm in the store,
    /// so that of several nodes that replace a key at once, one succeeds.
    pub after: Option<String>,
}

/// What a key is at a point in time. Derived, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The one of its algorithm that signs.
    Signing,
    /// Published, so that caches know it before it signs.
    Upcoming,
    /// Published, so that what it signed can be verified.
    Retiring,
    /// Nothing that it signed is valid any more.
    Gone,
    /// Taken out of use, ahead of time.
    Revoked,
}

/// The spans that the life of a key is made of, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How long a key signs before the next takes over.
    pub rotate_after: i64,
    /// `max-age` of the published set: how long a verifier may hold a copy.
    pub jwks_max_age: i64,
    /// Within which span every node reads the keys again, or stops signing.
    pub refresh: i64,
    /// How far any two clocks of the deployment and its verifiers may be apart.
    pub skew: i64,
    /// The longest life of a token that such a key signs.
    pub longest_token: i64,
}

impl Policy {
    /// How long a key is published before it signs: until the last cache that may lack it has expired.
    #[must_use]
    pub fn lead(&self) -> i64 {
        self.jwks_max_age.saturating_add(self.refresh).saturating_add(self.skew)
    }

    /// How long a key is published after its successor signs: one node's clock may be behind when it
    /// signs last, a verifier's when it verifies last.
    fn tail(&self) -> i64 {
        self.skew.saturating_mul(2).saturating_add(self.longest_token)
    }
}

impl KeyRecord {
    /// The key's stage among all keys of its issuer.
    #[must_use]
    pub fn stage(&self, keys: &[Self], policy: &Policy, now: i64) -> Stage {
        if self.is_revoked(now) {
            return Stage::Revoked;
        }
        if now < self.signs_from {
            return Stage::Upcoming;
        }
        match (self.signs_until(keys), self.gone_at(keys, policy)) {
            (Some(until), _) if now < until => Stage::Signing,
            (None, _) => Stage::Signing,
            (Some(_), Some(gone)) if now >= gone => Stage::Gone,
            (Some(_), _) => Stage::Retiring,
        }
    }

    /// When another key takes over, if one is there to do so.
    #[must_use]
    pub fn signs_until(&self, keys: &[Self]) -> Option<i64> {
        keys.iter()
            .filter(|key| key.alg == self.alg && key.order() > self.order() && key.takes_over())
            .map(|key| key.signs_from)
            .min()
    }

    /// When nothing that it signed, or that a verifier believes it signed, is valid any more.
    #[must_use]
    pub fn gone_at(&self, keys: &[Self], policy: &Policy) -> Option<i64> {
        match self.revoked_at {
            // Kept for the record until caches have lost it too.
            Some(at) => Some(at.saturating_add(policy.lead()).saturating_add(policy.tail())),
            None => Some(self.signs_until(keys)?.saturating_add(policy.tail())),
        }
    }

    /// Keys take over from one another in this order. Two that begin together are told apart by name.
    pub(crate) fn order(&self) -> (i64, &str) {
        (self.signs_from, &self.kid)
    }

    pub(crate) fn is_revoked(&self, now: i64) -> bool {
        self.revoked_at.is_some_and(|at| at <= now)
    }

    /// False for a key that was revoked before it had signed for a second: its successor may have begun with it, and
    /// come before it by name.
    fn takes_over(&self) -> bool {
        self.revoked_at.is_none_or(|at| self.signs_from < at)
    }

    /// False for a key that was revoked before its time came.
    pub(crate) fn ever_signs(&self) -> bool {
        self.revoked_at.is_none_or(|at| self.signs_from <= at)
    }
}
