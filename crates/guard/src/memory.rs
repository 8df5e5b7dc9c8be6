//! Which tokens were found good a moment ago, so that their signatures are not checked at each request.

use std::sync::Arc;
use std::time::Duration;

use fireward_fhir::Access;
use fireward_jose::sha256;
use moka::sync::Cache;

use crate::Config;

/// A token that was checked.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    pub(crate) access: Arc<Access>,
    pub(crate) not_before: Option<i64>,
    pub(crate) checked_at: i64,
}

/// Digests of tokens, never tokens, as many as configured.
pub(crate) struct Memory {
    span: i64,
    tokens: Cache<[u8; 32], Remembered>,
}

impl Memory {
    pub(crate) fn new(config: &Config) -> Self {
        // The cache's own clock only frees memory; what counts is asked of ours.
        let span = Duration::from_secs(u64::try_from(config.remember).unwrap_or(0));
        let tokens =
            Cache::builder().max_capacity(config.remember_at_most).time_to_live(span).build();
        Self { span: config.remember, tokens }
    }

    pub(crate) fn recall(&self, token: &str, now: i64) -> Option<Remembered> {
        let remembered = self.tokens.get(&sha256(token))?;
        (now < remembered.checked_at.saturating_add(self.span)).then_some(remembered)
    }

    pub(crate) fn remember(&self, token: &str, remembered: Remembered) {
        self.tokens.insert(sha256(token), remembered);
    }
}
