//! A file of an export: a resource a line, a few at a time from the records to the client.

use actix_web::error::ErrorInternalServerError;
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use fireward_fhir::Denial;
use fireward_fhir::export::may_fetch;
use fireward_fhir_store::{Content, Item, Job, List, State, Stored};
use fireward_guard::{Bearer, Refused};
use futures_util::stream::{self, Stream};
use serde_json::json;

use super::{Trouble, asked, known};
use crate::failure::Failure;
use crate::server::FhirServer;

/// `GET exports/[id]/[number].ndjson`
pub(super) async fn answer(
    bearer: Result<Bearer, Refused>,
    server: web::Data<FhirServer>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> HttpResponse {
    let (export, file) = path.into_inner();
    let answer = match bearer {
        Ok(bearer) => fetched(&bearer, &server, (&export, &file)).await,
        Err(refused) => Err(refused.into()),
    };
    answer.unwrap_or_else(|failure: Failure| failure.answer(&request))
}

async fn fetched(
    bearer: &Bearer,
    server: &web::Data<FhirServer>,
    (export, name): (&str, &str),
) -> Result<HttpResponse, Failure> {
    let missing = || Failure::from(bearer.refuse(Denial::NotFound));
    let job = known(bearer, server, export).await?;
    let number = name.strip_suffix(".ndjson").and_then(|number| number.parse().ok());
    let number: i64 = number.filter(|_| job.state == State::Complete).ok_or_else(missing)?;
    let found = server.records.exports().file(job.number, number).await?;
    let (file, content) = found.ok_or_else(missing)?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(NDJSON);
    match content {
        Content::Text(lines) => Ok(answer.body(lines + "\n")),
        Content::Versions(items) => {
            covered(bearer, server, &job, &file.kind)?;
            Ok(answer.streaming(lines(server.clone(), items, file.list)))
        }
    }
}

/// Whoever fetches may see now what the export was allowed to see.
fn covered(bearer: &Bearer, server: &FhirServer, job: &Job, kind: &str) -> Result<(), Failure> {
    let (_, parts) = asked::of_job(job, server).map_err(Trouble::Failed)?;
    let part = parts.iter().find(|part| part.permit.kind() == kind);
    let part = part.ok_or_else(|| Failure::from(bearer.refuse(Denial::NotFound)))?;
    may_fetch(bearer.access(), &part.permit, &server.rules())
        .map_err(|denial| bearer.refuse(denial).into())
}

fn lines(
    server: web::Data<FhirServer>,
    items: Vec<Item>,
    list: List,
) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::try_unfold((server, items, 0), move |(server, items, at)| async move {
        let next = at + AT_ONCE;
        let some = items.get(at..next.min(items.len())).unwrap_or_default();
        if some.is_empty() {
            return Ok(None);
        }
        let versions = server.records.exports().versions(some).await;
        let versions = versions.map_err(|error| {
            tracing::error!(%error, "a file of an export breaks off");
            ErrorInternalServerError("the records failed")
        })?;
        let text: String = versions.iter().map(|stored| line(stored, list) + "\n").collect();
        Ok(Some((Bytes::from(text), (server, items, next))))
    })
}

fn line(stored: &Stored, list: List) -> String {
    match list {
        List::Output | List::Error => stored.body.clone(),
        List::Deleted => {
            let url = format!("{}/{}", stored.kind, stored.id);
            let entry = json!({ "request": { "method": "DELETE", "url": url } });
            json!({ "resourceType": "Bundle", "type": "transaction", "entry": [entry] }).to_string()
        }
    }
}

const NDJSON: &str = "application/fhir+ndjson";

/// How many resources are in memory at a time.
const AT_ONCE: usize = 100;
