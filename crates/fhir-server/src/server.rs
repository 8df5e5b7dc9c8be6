//! What the handlers need, made once and shared by all workers.

use std::sync::Arc;

use actix_web::web;
use fireward_fhir_store::Records;
use fireward_guard::Guard;
use time::OffsetDateTime;
use url::Url;

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
        Self { records, guard, base, path, now, new_id, since }
    }
}
