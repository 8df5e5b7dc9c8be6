//! What a node does by itself: renewing its keys, chores, writing the audit log. One timer each.

use std::{future::Future, sync::Arc, time::Duration};

use actix_web::rt;
use tokio::task::JoinHandle;

use super::Node;

/// The timers of a node; they end with it.
pub(crate) struct Tasks(Vec<JoinHandle<()>>);

impl Node {
    /// Starts the timers.
    pub(crate) fn start_tasks(&self) -> Tasks {
        let site = Arc::clone(&self.app.site);
        let audit = every(Duration::from_millis(500), move || {
            let site = Arc::clone(&site);
            async move { noted("write the audit log", site.store.flush_audit().await) }
        });
        let site = Arc::clone(&self.app.site);
        let chores = every(Duration::from_secs(5), move || {
            let site = Arc::clone(&site);
            async move { noted("do the chores", site.store.run_due(site.now()).await) }
        });
        // Twice as often as the bound after which a stale ring stops signing. Making a key takes long: a timer of
        // its own, so that reading them waits for nothing.
        let refresh = u64::try_from(self.keeper.policy.refresh / 2).unwrap_or(1).max(1);
        let (keeper, ring, site) =
            (Arc::clone(&self.keeper), Arc::clone(&self.keyring), Arc::clone(&self.app.site));
        let tending = every(Duration::from_secs(refresh), move || {
            let (keeper, ring, site) = (Arc::clone(&keeper), Arc::clone(&ring), Arc::clone(&site));
            async move {
                noted("tend the signing keys", keeper.tend(site.now()).await);
                noted("renew the signing keys", keeper.renew(&ring, site.now()).await);
            }
        });
        let (keeper, ring, site) =
            (Arc::clone(&self.keeper), Arc::clone(&self.keyring), Arc::clone(&self.app.site));
        let keys = every(Duration::from_secs(refresh), move || {
            let (keeper, ring, site) = (Arc::clone(&keeper), Arc::clone(&ring), Arc::clone(&site));
            async move { noted("renew the signing keys", keeper.renew(&ring, site.now()).await) }
        });
        Tasks(vec![audit, chores, tending, keys])
    }

    /// Writes down what is still in memory, before the end.
    pub(crate) async fn finish(&self) {
        noted("write the audit log", self.store().flush_audit().await);
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

fn every<F: Future<Output = ()> + 'static>(
    pause: Duration,
    work: impl Fn() -> F + 'static,
) -> JoinHandle<()> {
    rt::spawn(async move {
        let mut timer = tokio::time::interval(pause);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            timer.tick().await;
            work().await;
        }
    })
}

fn noted<T, E: std::fmt::Display>(doing: &str, outcome: Result<T, E>) {
    if let Err(fault) = outcome {
        tracing::error!(%fault, "could not {doing}; trying again");
    }
}
