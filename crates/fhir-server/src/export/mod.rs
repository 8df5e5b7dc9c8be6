//! Bulk Data export over HTTP (Bulk Data Access STU 2; D-44): kick-off, status, files.
//!
//! Every step needs a token: of the kick-off one that covers what is exported, afterwards one of the same client.

mod asked;
mod file;
mod kick_off;
mod manifest;
mod polls;
mod status;
mod work;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use fireward_fhir::export::BadExport;
use fireward_fhir::{Denial, NotUnderstood};
use fireward_fhir_store::{Job, Limits};
use fireward_guard::{Bearer, Refused};
use thiserror::Error;
use time::Duration;

use crate::failure::Failure;
use crate::server::FhirServer;

pub(crate) use polls::Polls;
pub(crate) use work::Workers;

/// How exports are bounded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// How many a client may have.
    pub(crate) limits: Limits,
    /// How many this node works on at once.
    pub(crate) at_once: usize,
    /// How many lines a file has.
    pub(crate) lines: usize,
    /// How long a finished export can be fetched, from its kick-off.
    pub(crate) kept: Duration,
    /// After how long another node goes on with one of which nothing is heard.
    pub(crate) lease: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits { running: 3, kept: 20 },
            at_once: 2,
            lines: 10_000,
            kept: Duration::hours(24),
            lease: Duration::seconds(20),
        }
    }
}

/// Why an export is not begun, or has no result.
#[derive(Debug, Error)]
pub(crate) enum Trouble {
    #[error("an export is answered later only: send `Prefer: respond-async`")]
    NotAsync,
    #[error(transparent)]
    NotUnderstood(#[from] BadExport),
    #[error("this client has as many exports as it may: fetch and delete one, or wait")]
    TooMany,
    #[error("asked too often how the export stands: wait as long as Retry-After says")]
    TooQuick,
    #[error("the export has failed: {0}. Delete it and begin anew")]
    Failed(String),
    #[error("nothing is heard of the export at the moment: ask again later")]
    Stalled,
}

impl Trouble {
    /// The status, and the code of the issue.
    pub(crate) const fn told(&self) -> (u16, &'static str) {
        match self {
            Self::NotAsync => (400, "required"),
            Self::NotUnderstood(BadExport::Unsupported(_)) => (400, "not-supported"),
            Self::NotUnderstood(_) => (400, "invalid"),
            Self::TooMany | Self::TooQuick => (429, "throttled"),
            Self::Failed(_) => (500, "exception"),
            Self::Stalled => (503, "transient"),
        }
    }

    /// After how many seconds to ask again.
    pub(crate) const fn retry_after(&self) -> Option<&'static str> {
        match self {
            Self::TooMany | Self::Stalled => Some("60"),
            Self::TooQuick => Some("10"),
            Self::NotAsync | Self::NotUnderstood(_) | Self::Failed(_) => None,
        }
    }
}

/// Mounts the paths of exports, below the base.
pub(crate) fn routes(config: &mut ServiceConfig) {
    for path in ["/$export", "/{kind:Patient}/$export", "/{kind:Group}/{id}/$export"] {
        let kick_off = web::resource(path).route(web::get().to(kick_off::answer));
        config
            .service(kick_off.route(web::post().to(kick_off::answer)).default_service(web::to(no)));
    }
    let status = web::resource("/exports/{export}").route(web::get().to(status::answer));
    config.service(status.route(web::delete().to(status::delete)).default_service(web::to(no)));
    let file = web::resource("/exports/{export}/{file}").route(web::get().to(file::answer));
    config.service(file.default_service(web::to(no)));
}

async fn no(bearer: Result<Bearer, Refused>, request: HttpRequest) -> HttpResponse {
    let failure = match bearer {
        Ok(_) => NotUnderstood::Method.into(),
        Err(refused) => Failure::from(refused),
    };
    failure.answer(&request)
}

/// The export of that name, to a backend that may know of it: to anyone else it looks as if there were none.
async fn known(bearer: &Bearer, server: &FhirServer, id: &str) -> Result<Job, Failure> {
    let access = bearer.access();
    if access.only_system().scopes().is_empty() {
        return Err(bearer.refuse(Denial::NoClinicalScope).into());
    }
    let job = server.records.exports().find(access.client(), id).await?;
    let fits = |job: &Job| {
        job.expires_at > (server.now)()
            && access.group().is_none_or(|group| job.bound_to.as_deref() == Some(group))
    };
    job.filter(fits).ok_or_else(|| bearer.refuse(Denial::NotFound).into())
}
