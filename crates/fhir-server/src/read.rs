//! Reading: the stored text goes out as it is.

use actix_web::HttpResponse;
use actix_web::http::header::{ETAG, HttpDate, IF_NONE_MATCH, LAST_MODIFIED};
use fireward_fhir_store::{RecordsError, Stored};

use crate::bundle::{self, Link};
use crate::conditional::{condition, etag};
use crate::failure::Failure;
use crate::negotiate::FHIR_JSON;
use crate::serve::Asked;
use crate::trail::Confirmed;

/// `GET /Type/id`
pub(crate) async fn read(asked: &Asked<'_>, kind: &str, id: &str) -> Result<HttpResponse, Failure> {
    let stored = asked.server.records.read(&asked.permit, kind, id).await?;
    // After the permit, so that a 304 tells nobody anything new (D-39).
    let known = condition(asked.request.headers(), &IF_NONE_MATCH)
        .map_err(Failure::condition("If-None-Match"))?;
    if known.is_some_and(|known| known.names(stored.version)) {
        let mut answer =
            HttpResponse::NotModified().insert_header((ETAG, etag(stored.version))).finish();
        answer.extensions_mut().insert(Confirmed(stored.body));
        return Ok(answer);
    }
    Ok(version(HttpResponse::Ok(), stored))
}

/// `GET /Type/id/_history/version`
pub(crate) async fn vread(
    asked: &Asked<'_>,
    name: (&str, &str),
    wanted: &str,
) -> Result<HttpResponse, Failure> {
    let wanted = wanted.parse().map_err(|_| RecordsError::Missing)?;
    let stored = asked.server.records.vread(&asked.permit, name, wanted).await;
    Ok(version(HttpResponse::Ok(), stored?))
}

/// `GET /Type/id/_history`
pub(crate) async fn history(
    asked: &Asked<'_>,
    kind: &str,
    id: &str,
) -> Result<HttpResponse, Failure> {
    let versions = asked.server.records.history(&asked.permit, kind, id).await;
    let base = &asked.server.base;
    let links = [Link { relation: "self", url: format!("{base}/{kind}/{id}/_history") }];
    let body = bundle::history(base, &links, &versions?);
    Ok(HttpResponse::Ok().content_type(FHIR_JSON).body(body))
}

/// An answer that holds one version of one resource.
pub(crate) fn version(mut answer: actix_web::HttpResponseBuilder, stored: Stored) -> HttpResponse {
    answer
        .insert_header((ETAG, etag(stored.version)))
        .insert_header((
            LAST_MODIFIED,
            HttpDate::from(std::time::SystemTime::from(stored.last_updated)),
        ))
        .content_type(FHIR_JSON)
        .body(stored.body)
}
