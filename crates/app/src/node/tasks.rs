//! What a node does by itself: renewing its keys, chores, writing the audit log. One timer each.

use std::{future::Future, sync::Arc, time::Duration};

use actix_web::rt;
use tokio::task::JoinHandle;

use fireward_auth_server::{App, AuditTo, deliver};
use fireward_oauth::Lifetime;

use super::Node;
use crate::metrics::Metrics;

/// The timers of a node; they end with it.
pub(crate) struct Tasks(Vec<JoinHandle<()>>);

impl Node {
    /// Starts the timers.
    pub(crate) fn start_tasks(&self, metrics: Option<&Metrics>) -> Tasks {
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
        let mut tasks = vec![audit, chores, tending, keys];
        tasks.extend(
            self.audit
                .clone()
                .map(|to| rt::spawn(deliver_always(Arc::clone(&self.app), to, metrics.cloned()))),
        );
        Tasks(tasks)
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

/// Delivers the audit log; of all nodes one in each second. After a failure it waits, each time twice as long.
async fn deliver_always(app: Arc<App>, to: AuditTo, metrics: Option<Metrics>) {
    let mut pause = SOON;
    loop {
        tokio::time::sleep(pause).await;
        let store = &app.site.store;
        let turn = store.transact(async |tx| {
            tx.chores().take("deliver the audit log", app.now(), Lifetime::seconds(1)).await
        });
        pause = match turn.await {
            Ok(false) => SOON,
            Ok(true) => match deliver(&app, &to).await {
                Ok(_) => SOON,
                Err(fault) => {
                    tracing::warn!(%fault, "the audit log is not delivered; trying again");
                    (pause * 2).min(LATE)
                }
            },
            Err(fault) => {
                tracing::error!(%fault, "could not look for audit entries to deliver");
                (pause * 2).min(LATE)
            }
        };
        if let Some(metrics) = &metrics
            && let Ok(waiting) = store.read().audit().undelivered_count().await
        {
            metrics.audit_backlog(waiting);
        }
    }
}

/// How soon an entry is delivered, and how late another attempt is made at most.
const SOON: Duration = Duration::from_millis(500);
const LATE: Duration = Duration::from_mins(1);

fn noted<T, E: std::fmt::Display>(doing: &str, outcome: Result<T, E>) {
    if let Err(fault) = outcome {
        tracing::error!(%fault, "could not {doing}; trying again");
    }
}

#[cfg(test)]
mod tests {
    use fireward_fhir::structure;
    use fireward_oauth::audit::fhir::{Record, audit_event};
    use fireward_oauth::audit::{Actor, Event, Kind};
    use fireward_oauth::vocabulary::{
        ClientId, GrantId, Issuer, IssuerId, RequestId, Timestamp, UserId,
    };

    /// Every part of it that may be missing, or hold whatever somebody sent.
    fn filled(event: Event, text: &str) -> Event {
        Event {
            request: RequestId::parse("r1").ok(),
            client: ClientId::parse("growth-chart").ok(),
            subject: UserId::parse("alice").ok(),
            patient: Some(text.to_owned()),
            grant: GrantId::parse("g1").ok(),
            detail: text.to_owned(),
            ..event
        }
    }

    #[test]
    fn row_052_no_event_is_refused_by_the_server_that_it_is_delivered_to() {
        let issuer = Issuer::parse("http://localhost:8080").unwrap();
        let user = Actor::User(UserId::parse("alice").unwrap());
        let client = Actor::Client(ClientId::parse("growth-chart").unwrap());
        let odd = ["", " ", "a b", "\u{0}\u{7}", "<b>", "\t", "patient/*.rs"];
        let strangers = odd.map(|text| Actor::Anonymous(text.to_owned()));
        let actors = strangers.into_iter().chain([user, client, Actor::Operator, Actor::System]);
        let actors: Vec<_> = actors.collect();
        for (kind, actor) in
            Kind::VARIANTS.iter().flat_map(|kind| actors.iter().map(|one| (*kind, one)))
        {
            let id = IssuerId::parse("main").unwrap();
            let bare = Event::new(id, Timestamp::from_unix(1_700_000_000), actor.clone(), kind);
            let events = odd.map(|text| filled(bare.clone(), text));
            for event in events.iter().chain([&bare]) {
                let records = [Record::Here, Record::At("https://lab/fhir"), Record::Unknown];
                let told = records.map(|record| audit_event("e1", event, &issuer, record));
                let faults = told.each_ref().map(|told| structure::issues("AuditEvent", told));
                assert!(faults.iter().all(Vec::is_empty), "{faults:?} of {told:?}");
            }
        }
    }
}
