//! Proofs of possession of the key that a token is bound to (RFC 9449 §4.3, §7).

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use fireward_jose::claims::NumericDate;
use fireward_jose::{Algorithm, Unverified, b64, embedded_key, sha256, typ_is};
use serde::Deserialize;
use url::Url;

use crate::{Check, Failed, Refusal, nonce};

/// What is asked of proofs. Spans are in seconds.
#[derive(Debug, Clone)]
pub struct Dpop {
    /// The algorithms that proofs may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// How old a proof may be. For so long it is known which were used.
    pub max_age: i64,
    /// How far the clock of a client may be ahead of ours.
    pub skew: i64,
    /// How many used proofs are known at most; beyond that none is taken until older ones are forgotten.
    pub remember_at_most: usize,
    /// Whether a proof must hold a nonce of this server's (RFC 9449 §9).
    pub nonce: Option<Nonce>,
}

/// How nonces are made: of the time, so that none is stored.
#[derive(Clone)]
pub struct Nonce {
    /// The secret that they are made with, the same on every node.
    pub key: [u8; 32],
    /// For how many seconds one is good at least; twice that at most.
    pub lifetime: i64,
}

impl Default for Dpop {
    fn default() -> Self {
        Self {
            algorithms: vec![
                Algorithm::ES256,
                Algorithm::ES384,
                Algorithm::EdDSA,
                Algorithm::PS256,
            ],
            max_age: 60,
            skew: 10,
            remember_at_most: 500_000,
            nonce: None,
        }
    }
}

impl std::fmt::Debug for Nonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nonce").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

impl Dpop {
    /// The algorithms, as a challenge lists them (RFC 9449 §7.1).
    #[must_use]
    pub fn algs(&self) -> String {
        let names: Vec<_> = self.algorithms.iter().map(|alg| alg.name()).collect();
        names.join(" ")
    }
}

/// What a proof must be about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) method: &'a str,
    /// The address of the request, without query.
    pub(crate) url: &'a Url,
    pub(crate) token: &'a str,
    /// The thumbprint of the key that the token is bound to.
    pub(crate) thumbprint: &'a str,
}

#[derive(Debug, Clone, Deserialize)]
struct ProofClaims {
    jti: String,
    htm: String,
    htu: String,
    iat: NumericDate,
    ath: Option<String>,
    nonce: Option<String>,
}

/// A proof that holds, to be used once.
#[derive(Debug)]
pub(crate) struct Proof {
    id: [u8; 32],
    made_at: i64,
}

/// Checks a proof but for whether it was used before.
pub(crate) fn check(
    proof: &str,
    about: About<'_>,
    settings: &Dpop,
    now: i64,
) -> Result<Proof, Failed> {
    let failed = |why: &'static str| Check::Proof.failed(why);
    let ensure = |holds: bool, why: &'static str| Check::Proof.ensure(holds, why);
    let unverified =
        Unverified::<ProofClaims>::parse(proof).map_err(|_| failed("it is no proof"))?;
    ensure(typ_is(unverified.header().typ.as_deref(), "dpop+jwt"), "its typ is not dpop+jwt")?;
    let key = embedded_key(proof).map_err(|_| failed("its header has no sound public key"))?;
    let listed = settings.algorithms.contains(&unverified.header().alg);
    ensure(listed, "its algorithm is not accepted here")?;
    let verified = unverified.verify(key.verifying_key(), &settings.algorithms);
    let claims = verified.map_err(|_| failed("its signature is invalid"))?.into_claims();
    let bound = key.thumbprint() == about.thumbprint;
    Check::Binding.ensure(bound, "it is bound to another key than the proof's")?;
    ensure(claims.htm == about.method, "its htm is not the method of the request")?;
    ensure(is_at(&claims.htu, about.url), "its htu is not the address of the request")?;
    let hash = b64::encode(sha256(about.token));
    ensure(claims.ath.as_ref() == Some(&hash), "its ath is not the hash of the access token")?;
    if let Some(nonce) = &settings.nonce {
        let ours = claims.nonce.as_deref().is_some_and(|shown| nonce::is_ours(nonce, shown, now));
        Check::Nonce.ensure(ours, "it needs the nonce of DPoP-Nonce")?;
    }
    let made_at = claims.iat.0;
    ensure(made_at <= now.saturating_add(settings.skew), "it was made in the future")?;
    ensure(now.saturating_sub(made_at) <= settings.max_age, "it is too old")?;
    let named = (1..=LONGEST_ID).contains(&claims.jti.len());
    ensure(named, "its jti is empty or too long")?;
    Ok(Proof { id: sha256(format!("{} {}", about.thumbprint, claims.jti)), made_at })
}

/// Without query and fragment, and however it is spelled (RFC 9449 §4.3).
fn is_at(htu: &str, url: &Url) -> bool {
    let Ok(mut shown) = Url::parse(htu) else { return false };
    shown.set_query(None);
    shown.set_fragment(None);
    shown == *url
}

/// Which proofs were used, for as long as they could be used again. Nothing is forgotten for lack of room.
pub(crate) struct Used {
    most: usize,
    span: i64,
    seen: Mutex<Seen>,
}

/// Two spans of time: what is older than both could not be used anyway.
#[derive(Default)]
struct Seen {
    newer: HashSet<[u8; 32]>,
    older: HashSet<[u8; 32]>,
    since: i64,
}

impl Used {
    pub(crate) fn new(settings: &Dpop) -> Self {
        let span = settings.max_age.saturating_add(settings.skew).saturating_add(1).max(1);
        Self { most: settings.remember_at_most, span, seen: Mutex::default() }
    }

    /// Uses a proof.
    pub(crate) fn spend(&self, proof: &Proof, now: i64) -> Result<(), Refusal> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let past = now.saturating_sub(seen.since);
        if past >= self.span {
            let newer = std::mem::take(&mut seen.newer);
            seen.older = if past < self.span.saturating_mul(2) { newer } else { HashSet::new() };
            seen.since = now;
        }
        if seen.older.contains(&proof.id) || seen.newer.contains(&proof.id) {
            return Err(Check::Proof.failed("it was used before").into());
        }
        if seen.newer.len() + seen.older.len() >= self.most {
            tracing::error!("more proofs of possession than are remembered");
            return Err(Refusal::Unavailable("too many requests with proofs of possession"));
        }
        tracing::trace!(proof.made_at, "a proof is used");
        seen.newer.insert(proof.id);
        Ok(())
    }
}

const LONGEST_ID: usize = 256;
