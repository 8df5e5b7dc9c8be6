//! Events that wait to be written together: plain token issues, which change no state.

use fireward_oauth::{
    Lifetime, Timestamp,
    audit::{Event, Kind, Outcome},
};

use super::{chain::PAGE, entity::Model};
use crate::{Store, StoreError, shared::lock};

impl Store {
    /// Takes an event to be written with others by the next [`Store::flush_audit`]; false if too many wait already,
    /// and then whatever it is about must not happen.
    #[must_use]
    pub fn audit_later(&self, event: Event) -> bool {
        let mut queued = lock(&self.shared.queued);
        let room = queued.len() < MOST;
        if room {
            queued.push(event);
        }
        room
    }

    /// Writes what waits, explanations too, and links this node's new entries into its chain; how many were linked. To be called every
    /// second, and when the server stops.
    ///
    /// # Errors
    /// When the database fails; what was not written still waits.
    pub async fn flush_audit(&self) -> Result<u64, StoreError> {
        let _one_at_a_time = self.shared.flushing.lock().await;
        self.flush_explanations().await?;
        loop {
            let events: Vec<Event> =
                lock(&self.shared.queued).iter().take(TOGETHER).cloned().collect();
            if events.is_empty() {
                break;
            }
            self.transact(async |tx| tx.audit().write_all(&events).await).await?;
            // Only now: whoever is interrupted before writes an event twice rather than never.
            lock(&self.shared.queued).drain(..events.len());
        }
        self.link_all(&self.shared.node).await
    }

    /// Links what nodes wrote shortly before they died; how many entries were linked.
    pub(crate) async fn link_left_behind(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut linked = 0;
        for node in self.read().audit().chains().await? {
            if self.read().audit().was_left_behind(&node, now.minus(LEFT)).await? {
                linked += self.link_all(&node).await?;
            }
        }
        Ok(linked)
    }

    async fn link_all(&self, node: &str) -> Result<u64, StoreError> {
        let mut linked = 0;
        loop {
            let page = self.transact(async |tx| tx.audit().link(node).await).await?;
            // Only what was committed is told, and once.
            page.iter().for_each(told);
            let count = page.len() as u64;
            linked += count;
            if count < PAGE {
                return Ok(linked);
            }
        }
    }
}

/// The same event in the log, for whoever collects logs. Its members hold no secrets.
fn told(entry: &Model) {
    tracing::info!(
        target: "fireward::audit",
        kind = entry.kind,
        outcome = Kind::parse(&entry.kind).map(Kind::outcome).map(Outcome::as_str),
        detail = entry.detail,
        at = entry.at,
        actor_kind = entry.actor_kind,
        actor = entry.actor,
        client = entry.client,
        subject = entry.subject,
        patient = entry.patient,
        grant = entry.grant_id,
        request = entry.request,
        entry = entry.id,
        node = entry.node,
        seq = entry.seq,
        "audit"
    );
}

/// How many may wait: a second's worth of more tokens than one node can sign.
const MOST: usize = 50_000;

/// How many are written by one statement.
const TOGETHER: usize = 500;

/// A node that lives links its entries long before.
const LEFT: Lifetime = Lifetime::minutes(1);
