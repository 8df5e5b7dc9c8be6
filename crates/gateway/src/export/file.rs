//! A file of an export: every line is judged before it goes on, and none is held longer than that takes.

use actix_web::error::ErrorBadGateway;
use actix_web::web::{self, Bytes, BytesMut};
use actix_web::{HttpRequest, HttpResponse};
use fireward_fhir::Permit;
use fireward_fhir::definitions::served;
use fireward_fhir::export::parts;
use fireward_guard::{Bearer, Refused};
use fireward_outbound::Arriving;
use futures_util::stream::{self, Stream};

use super::{FILE, File, of_type, worded};
use crate::failure::{Failure, Fault};
use crate::gateway::Gateway;
use crate::judge::{Judge, Known};
use crate::resource::Resource;

/// `GET exports/files/[file].ndjson`
pub(super) async fn answer(
    bearer: Result<Bearer, Refused>,
    gateway: web::Data<Gateway>,
    request: HttpRequest,
    file: web::Path<String>,
) -> HttpResponse {
    let fetched = async {
        let bearer = bearer?;
        fetched(&bearer, &gateway, &file).await.map_err(|failure| worded(&bearer, failure))
    };
    fetched.await.unwrap_or_else(|failure: Failure| failure.answer(&request))
}

async fn fetched(
    bearer: &Bearer,
    gateway: &web::Data<Gateway>,
    name: &str,
) -> Result<HttpResponse, Failure> {
    let sealed = name.strip_suffix(".ndjson").ok_or(Failure::Missing)?;
    let file: File = gateway.links.open(bearer.access(), FILE, sealed).ok_or(Failure::Missing)?;
    let kind = served(&file.kind).ok_or(Failure::Missing)?;
    // By the token of now: it may open less than the one that began the export.
    let parts = parts(bearer.access(), &of_type(kind), &gateway.rules)?;
    let part = parts.into_iter().next().ok_or(Failure::Missing)?;
    let arriving = gateway.upstream.open(&file.target, NDJSON).await?;
    match (arriving.status, arriving.header("content-encoding")) {
        (200, None | Some("identity")) => {}
        (200, Some(_)) => return Err(Fault::Encoding.into()),
        (404 | 410, _) => return Err(Failure::Missing),
        (status, _) => return Err(Fault::Status(status).into()),
    }
    let reading = Reading {
        gateway: gateway.clone(),
        permit: part.permit,
        known: Known::default(),
        arriving,
        rest: BytesMut::new(),
        ended: false,
    };
    Ok(HttpResponse::Ok().content_type(NDJSON).streaming(judged(reading)))
}

/// A file on its way.
struct Reading {
    gateway: web::Data<Gateway>,
    permit: Permit,
    known: Known,
    arriving: Arriving,
    rest: BytesMut,
    ended: bool,
}

fn judged(reading: Reading) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::try_unfold(reading, |mut reading| async move {
        match reading.next().await {
            Ok(Some(lines)) => Ok(Some((lines, reading))),
            Ok(None) => Ok(None),
            // Better a file that breaks off than one that looks complete.
            Err(failure) => {
                tracing::warn!(%failure, "a file of an export breaks off");
                Err(ErrorBadGateway("the file cannot be judged to its end"))
            }
        }
    })
}

impl Reading {
    /// The next lines that may be seen; none at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        while !self.ended {
            match self.arriving.piece().await? {
                Some(piece) => self.rest.extend_from_slice(&piece),
                None => self.ended = true,
            }
            let whole = if self.ended {
                self.rest.len()
            } else {
                self.rest.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1)
            };
            let lines = self.rest.split_to(whole);
            if self.rest.len() > self.gateway.limits.answer {
                return Err(Fault::TooLong.into());
            }
            let seen = self.judge(&lines).await?;
            if !seen.is_empty() {
                return Ok(Some(seen.into()));
            }
        }
        Ok(None)
    }

    async fn judge(&mut self, lines: &[u8]) -> Result<Vec<u8>, Failure> {
        let known = std::mem::take(&mut self.known);
        let mut judge = Judge::knowing(&self.gateway, self.permit.clone(), known);
        let mut seen = Vec::new();
        for line in
            lines.split(|octet| *octet == b'\n').filter(|line| !line.trim_ascii().is_empty())
        {
            let resource = Resource::read(&self.gateway, line)?;
            if resource.id().is_some() && judge.sees(&resource.value).await? {
                seen.extend_from_slice(resource.text.trim().as_bytes());
                seen.push(b'\n');
            }
        }
        self.known = judge.into_known();
        Ok(seen)
    }
}

const NDJSON: &str = "application/fhir+ndjson";
