//! Explanations that wait to be written together, and how many a minute may.

use std::collections::HashMap;

use fireward_oauth::{Lifetime, Timestamp, explain::Explanation};

use crate::{Store, StoreError, shared::lock};

/// What waits, and what came within this minute.
#[derive(Default)]
pub(crate) struct Waiting {
    explanations: Vec<Explanation>,
    minute: Option<Timestamp>,
    by_address: HashMap<String, u32>,
}

impl Waiting {
    /// Whether one more from there may be kept.
    fn admits(&mut self, address: &str, now: Timestamp) -> bool {
        if self.minute.is_none_or(|began| now.since(began) >= Lifetime::minutes(1)) {
            self.minute = Some(now);
            self.by_address.clear();
        }
        let all: u32 = self.by_address.values().sum();
        let full = all >= MOST_A_MINUTE || self.explanations.len() >= MOST_WAITING;
        let own = self.by_address.get(address).copied().unwrap_or_default();
        if full || own >= MOST_OF_ONE {
            return false;
        }
        self.by_address.insert(address.to_owned(), own + 1);
        true
    }
}

impl Store {
    /// Takes an explanation to be written within a second by [`Store::flush_audit`]; false if too many came within this
    /// minute, from that address or in all, and then it is not kept.
    #[must_use]
    pub fn explain_later(&self, explanation: Explanation, address: &str) -> bool {
        let mut waiting = lock(&self.shared.explaining);
        let admitted = waiting.admits(address, explanation.at);
        if admitted {
            waiting.explanations.push(explanation);
        }
        admitted
    }

    /// Writes the explanations that wait.
    pub(crate) async fn flush_explanations(&self) -> Result<(), StoreError> {
        let waiting = lock(&self.shared.explaining).explanations.clone();
        if waiting.is_empty() {
            return Ok(());
        }
        let written = self.transact(async |tx| {
            for explanation in &waiting {
                tx.explanations().insert(explanation).await?;
            }
            Ok(())
        });
        written.await?;
        lock(&self.shared.explaining).explanations.drain(..waiting.len());
        Ok(())
    }
}

/// How many a node keeps of one minute: with an hour for each, some tens of megabytes at the very most.
const MOST_A_MINUTE: u32 = 120;

/// How many of one address.
const MOST_OF_ONE: u32 = 20;

/// How many wait while the database does not answer.
const MOST_WAITING: usize = 1_000;
