//! The public keys of clients that are registered by URL (SMART 2.2 client-confidential-asymmetric, CA-2, CA-8).

use std::sync::Arc;

use fireward_jose::JwkSet;
use fireward_oauth::{ErrorCode, Refused, Timestamp};
use fireward_outbound::{DocumentCache, Fault, Limits, Outbound, Supplied};

/// Key sets as they were fetched: no longer than `Cache-Control` allows, and never past it (D-33).
#[derive(Debug)]
pub struct ClientKeys {
    outbound: Arc<Outbound>,
    sets: DocumentCache<JwkSet>,
}

/// How often a client's server is asked again, at most, because a key set lacks the key of an assertion.
const AGAIN: i64 = 10;

impl ClientKeys {
    /// None fetched yet.
    #[must_use]
    pub fn new(outbound: Arc<Outbound>) -> Self {
        let limits = Limits { entries: 1_000, ..Limits::default() };
        let sets = DocumentCache::new(Arc::clone(&outbound), limits, |document| {
            JwkSet::parse_lenient(&document.bytes).map_err(|fault| fault.to_string())
        });
        Self { outbound, sets }
    }

    /// The keys at `url`; fetched anew where they lack `kid`.
    pub(crate) async fn of(
        &self,
        url: &str,
        kid: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<JwkSet>, Refused> {
        let unusable =
            || refused("the registered jwks_uri is not an address that may be fetched here");
        let at = Supplied::new(url, self.outbound.policy()).map_err(|_| unusable())?;
        let held = self.sets.get(&at, now.unix()).await.map_err(told)?;
        let has = |keys: &JwkSet| kid.is_none() || keys.iter().any(|key| key.kid() == kid);
        if has(&held.value) {
            return Ok(Arc::clone(&held.value));
        }
        let newer = self.sets.refetch_if_older(&at, AGAIN, now.unix()).await.map_err(told)?;
        Ok(Arc::clone(&newer.value))
    }
}

/// The same sentence whatever went wrong: it must not tell what answers at an address (S1).
fn told(_: Fault) -> Refused {
    refused(Fault::TOLD)
}

fn refused(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidClient, sentence)
}
