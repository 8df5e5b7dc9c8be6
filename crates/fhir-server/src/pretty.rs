//! `_pretty=true`: answers for eyes (FHIR R4 http.html#pretty).

use actix_web::HttpResponse;
use actix_web::body::to_bytes;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::Value;

/// Whether a query asks for it.
pub(crate) fn is_wanted(query: &str) -> bool {
    let pairs = fireward_fhir::search::pairs(query).unwrap_or_default();
    pairs.iter().any(|(name, value)| name == "_pretty" && value == "true")
}

/// The same answer, written over several lines. What is no JSON stays as it is.
pub(crate) async fn pretty(answer: HttpResponse) -> HttpResponse {
    let json = answer.headers().get(CONTENT_TYPE).is_some_and(|kind| {
        kind.to_str().is_ok_and(|kind| kind.starts_with("application/fhir+json"))
    });
    if !json {
        return answer;
    }
    let (mut head, body) = answer.into_parts();
    let Ok(bytes) = to_bytes(body).await else {
        return HttpResponse::InternalServerError().finish();
    };
    let read = serde_json::from_slice::<Value>(&bytes).ok();
    let lines = read.and_then(|json| serde_json::to_string_pretty(&json).ok());
    head.headers_mut().remove(CONTENT_LENGTH);
    match lines {
        Some(lines) => head.set_body(lines).map_into_boxed_body(),
        None => head.set_body(bytes).map_into_boxed_body(),
    }
}
