//! What the handlers need, made once and shared by all workers.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::{rt, web};
use fireward_fhir::Rules;
use fireward_fhir_store::{Records, RecordsError, Seal};
use fireward_guard::Guard;
use time::OffsetDateTime;
use url::Url;

use crate::export::{Polls, Settings, Workers};
use crate::site::Site;
use crate::trail::Strangers;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// Draws an id at random: of a resource that is created, or of a request.
pub type NewId = Arc<dyn Fn() -> String + Send + Sync>;

/// The demo FHIR server.
#[derive(Clone)]
pub struct FhirServer {
    pub(crate) records: Records,
    pub(crate) guard: web::Data<Guard>,
    pub(crate) base: String,
    pub(crate) path: String,
    pub(crate) now: Clock,
    pub(crate) new_id: NewId,
    pub(crate) since: OffsetDateTime,
    pub(crate) export: Settings,
    pub(crate) workers: Workers,
    pub(crate) polls: Polls,
    pub(crate) site: Arc<Site>,
    pub(crate) strangers: Arc<Strangers>,
    pub(crate) demands_versions: bool,
    pub(crate) seal: Arc<OnceLock<Seal>>,
}

impl FhirServer {
    /// A server of these records under `base`, which is configured and never guessed from a request (D-28).
    #[must_use]
    pub fn new(
        records: Records,
        guard: web::Data<Guard>,
        base: &Url,
        now: Clock,
        new_id: NewId,
    ) -> Self {
        let path = base.path().trim_end_matches('/').to_owned();
        let base = base.as_str().trim_end_matches('/').to_owned();
        let since = now();
        let (export, workers, polls) = Default::default();
        let (site, strangers) = (Arc::new(Site::new(Rules::default(), false)), Arc::default());
        Self {
            records,
            guard,
            base,
            path,
            now,
            new_id,
            since,
            export,
            workers,
            polls,
            site,
            strangers,
            demands_versions: false,
            seal: Arc::default(),
        }
    }

    /// The same server under a site's own rules; with `consents`, what patients deny in `Consent` resources holds as well.
    #[must_use]
    pub fn under(self, rules: Rules, consents: bool) -> Self {
        Self { site: Arc::new(Site::new(rules, consents)), ..self }
    }

    /// The rules as they were when they were last looked at.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        self.site.rules()
    }

    /// Looks whether patients have denied or allowed something since, unless that was done within the last second.
    ///
    /// # Errors
    /// The records cannot be asked; then no request can be decided.
    pub async fn refresh_rules(&self) -> Result<(), RecordsError> {
        self.site.refresh(&self.records, (self.now)()).await
    }

    /// The same server, where a change must say which version it changes: without `If-Match` it is answered with 428
    /// (RFC 6585 §3).
    #[must_use]
    pub fn demanding_versions(self, demanded: bool) -> Self {
        Self { demands_versions: demanded, ..self }
    }

    /// What links to further pages are signed with.
    pub(crate) async fn seal(&self) -> Result<&Seal, RecordsError> {
        if let Some(seal) = self.seal.get() {
            return Ok(seal);
        }
        let fresh = [(self.new_id)(), (self.new_id)()].concat();
        let seal = self.records.seal(&fresh).await?;
        Ok(self.seal.get_or_init(|| seal))
    }

    /// What this server does by itself, every few seconds: it goes on with exports that nobody works on any more, and
    /// forgets those that have expired.
    pub async fn tend(server: &web::Data<Self>) {
        if let Err(error) = server.refresh_rules().await {
            tracing::error!(%error, "could not read the consents; trying again");
        }
        Workers::wake(server);
        if let Err(error) = server.records.exports().sweep((server.now)()).await {
            tracing::error!(%error, "could not sweep the exports; trying again");
        }
    }

    /// Moves what waits of the audit trail to where it is searched; says how many events that were.
    pub async fn deliver(&self) -> usize {
        let mut moved = 0;
        loop {
            match self.records.deliver_here((self.now)()).await {
                Ok(0) => return moved,
                Ok(some) => moved += some,
                Err(error) => {
                    tracing::error!(%error, "the audit trail is not delivered; trying again");
                    return moved;
                }
            }
        }
    }

    /// Delivers the audit trail for as long as the server runs.
    pub async fn deliver_always(server: web::Data<Self>) {
        let mut timer = rt::time::interval(Duration::from_millis(500));
        loop {
            timer.tick().await;
            server.deliver().await;
        }
    }

    /// Renews what an earlier version has written into the search index, beside the requests, and ends.
    pub async fn renew_index(server: web::Data<Self>) {
        let mut renewed = 0;
        loop {
            let pause = match server.records.renew_index().await {
                Ok(0) => break,
                Ok(some) => {
                    renewed += some;
                    BETWEEN_RENEWALS
                }
                Err(error) => {
                    tracing::error!(%error, "the search index is not renewed; trying again");
                    AFTER_A_FAULT
                }
            };
            rt::time::sleep(pause).await;
        }
        if renewed > 0 {
            tracing::info!(resources = renewed, "the search index is renewed");
        }
    }

    /// Tends the server for as long as it runs.
    pub async fn tend_always(server: web::Data<Self>) {
        let mut timer = rt::time::interval(Duration::from_secs(5));
        loop {
            timer.tick().await;
            Self::tend(&server).await;
        }
    }
}

/// Leaves the requests room between two steps of a renewal.
const BETWEEN_RENEWALS: Duration = Duration::from_millis(20);

/// How long a renewal waits that failed.
const AFTER_A_FAULT: Duration = Duration::from_secs(30);
