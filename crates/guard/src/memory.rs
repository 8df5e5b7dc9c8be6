//! Which tokens were found good a moment ago, so that their signatures are not checked at each request.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;

use crate::{Claims, Config};

/// The SHA-256 of a token: digests are remembered, never tokens.
pub(crate) type Digest = [u8; 32];

/// A token that was checked.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    pub(crate) claims: Arc<Claims>,
    /// Which issuer's it is, by its place in the configuration.
    pub(crate) issuer: usize,
    pub(crate) checked_at: i64,
}

/// As many tokens as configured.
pub(crate) struct Memory {
    span: i64,
    tokens: Cache<Digest, Remembered>,
}

impl Memory {
    pub(crate) fn new(config: &Config) -> Self {
        // The cache's own clock only frees memory; what counts is asked of ours.
        let span = Duration::from_secs(u64::try_from(config.remember).unwrap_or(0));
        let tokens =
            Cache::builder().max_capacity(config.remember_at_most).time_to_live(span).build();
        Self { span: config.remember, tokens }
    }

    pub(crate) fn recall(&self, token: &Digest, now: i64) -> Option<Remembered> {
        let remembered = self.tokens.get(token)?;
        (now < remembered.checked_at.saturating_add(self.span)).then_some(remembered)
    }

    pub(crate) fn remember(&self, token: Digest, remembered: Remembered) {
        self.tokens.insert(token, remembered);
    }
}
