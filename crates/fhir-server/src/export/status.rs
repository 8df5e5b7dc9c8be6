//! How an export stands, and an end to it.

use actix_web::http::header::{EXPIRES, HttpDate, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use fireward_fhir::{Denial, outcome};
use fireward_fhir_store::{Job, State};
use fireward_guard::{Bearer, Refused};
use time::{Duration, OffsetDateTime};

use super::{Trouble, asked, known, manifest};
use crate::failure::Failure;
use crate::negotiate::FHIR_JSON;
use crate::server::FhirServer;

/// `GET exports/[id]`: 202 while it runs, 200 with the manifest, or why there is none.
pub(super) async fn answer(
    bearer: Result<Bearer, Refused>,
    server: web::Data<FhirServer>,
    request: HttpRequest,
    export: web::Path<String>,
) -> HttpResponse {
    let answer = match bearer {
        Ok(bearer) => told(&bearer, &server, &export).await,
        Err(refused) => Err(refused.into()),
    };
    answer.unwrap_or_else(|failure: Failure| failure.answer(&request))
}

async fn told(bearer: &Bearer, server: &FhirServer, id: &str) -> Result<HttpResponse, Failure> {
    let job = known(bearer, server, id).await?;
    match &job.state {
        State::Running if server.polls.is_too_quick(job.number, (server.now)()) => {
            Err(Trouble::TooQuick.into())
        }
        State::Running if is_stalled(&job, (server.now)()) => Err(Trouble::Stalled.into()),
        State::Running => {
            let mut answer = HttpResponse::Accepted();
            answer.insert_header(("X-Progress", progress(&job, server)));
            Ok(answer.insert_header((RETRY_AFTER, pause(&job, (server.now)()))).finish())
        }
        State::Complete => {
            let files = server.records.exports().files(job.number).await?;
            let expires = HttpDate::from(std::time::SystemTime::from(job.expires_at));
            let mut answer = HttpResponse::Ok();
            answer.insert_header((EXPIRES, expires)).content_type("application/json");
            Ok(answer.body(manifest::of(&job, &files, &server.base).to_string()))
        }
        State::Failed(fault) => Err(Trouble::Failed(fault.clone()).into()),
    }
}

/// `DELETE exports/[id]`: the work stops, and the files are gone.
pub(super) async fn delete(
    bearer: Result<Bearer, Refused>,
    server: web::Data<FhirServer>,
    request: HttpRequest,
    export: web::Path<String>,
) -> HttpResponse {
    let answer = match bearer {
        Ok(bearer) => deleted(&bearer, &server, &export).await,
        Err(refused) => Err(refused.into()),
    };
    answer.unwrap_or_else(|failure: Failure| failure.answer(&request))
}

async fn deleted(bearer: &Bearer, server: &FhirServer, id: &str) -> Result<HttpResponse, Failure> {
    let job = known(bearer, server, id).await?;
    if !server.records.exports().remove(&job.client, &job.id).await? {
        return Err(bearer.refuse(Denial::NotFound).into());
    }
    let told = outcome("informational", "the export is deleted").to_string();
    let told = told.replace("\"error\"", "\"information\"");
    Ok(HttpResponse::Accepted().content_type(FHIR_JSON).body(told))
}

/// One that somebody has begun, and of which nothing was heard for long: its disk may be full, or the node gone.
fn is_stalled(job: &Job, now: OffsetDateTime) -> bool {
    let begun = job.leased_until > OffsetDateTime::UNIX_EPOCH;
    begun && now > job.leased_until + Duration::minutes(1)
}

fn progress(job: &Job, server: &FhirServer) -> String {
    let types = asked::of_job(job, server).map_or(0, |(_, parts)| parts.len());
    let done = job.place.part.min(types);
    format!("{} resources found, {done} of {types} types done", job.found)
}

/// Longer for what takes long.
fn pause(job: &Job, now: OffsetDateTime) -> String {
    let age = (now - job.transaction_time).whole_seconds();
    (age / 10).clamp(1, 30).to_string()
}
