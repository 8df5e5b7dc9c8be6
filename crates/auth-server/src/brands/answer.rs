//! What is answered: a resource with its tag, or an `OperationOutcome`.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, ETAG, HttpDate, LAST_MODIFIED},
    },
};
use fireward_oauth::{
    Timestamp,
    brands::{Finding, outcome},
};

use super::condition::is_known;

const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";

/// A resource for everybody to read and to keep for a while; nothing but its tag for whoever has it (UB-3).
pub(super) fn public(
    request: &HttpRequest,
    (text, tag): (String, &str),
    updated_at: Timestamp,
) -> HttpResponse {
    let known = is_known(request, tag);
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((CACHE_CONTROL, "public, max-age=300"));
    tagged(&mut answer, tag, updated_at);
    if known { answer.finish() } else { answer.content_type(FHIR_JSON).body(text) }
}

/// What is there after a change.
pub(super) fn changed(
    status: StatusCode,
    (text, tag): (String, &str),
    updated_at: Timestamp,
) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    tagged(&mut answer, tag, updated_at);
    answer.content_type(FHIR_JSON).body(text)
}

/// What is to be said of a bundle, or of a request.
pub(super) fn told(status: StatusCode, findings: &[Finding]) -> HttpResponse {
    HttpResponse::build(status).content_type(FHIR_JSON).body(outcome(findings).to_string())
}

/// One thing that is not as the request expects.
pub(super) fn unmet(status: StatusCode) -> HttpResponse {
    let (code, text) = match status {
        StatusCode::PRECONDITION_REQUIRED => {
            ("required", "say in If-Match which version is to be changed: its ETag")
        }
        StatusCode::PRECONDITION_FAILED => {
            ("conflict", "somebody else changed it: read it again, its ETag is another")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("too-long", "the body has more than 4 MiB"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("not-supported", "the content type must be application/fhir+json")
        }
        _ => ("not-found", "there are no brands here"),
    };
    told(status, &[Finding::error(code, "Bundle", text)])
}

fn tagged(answer: &mut HttpResponseBuilder, tag: &str, updated_at: Timestamp) {
    let seconds = u64::try_from(updated_at.unix()).unwrap_or_default();
    let moment = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    answer
        .insert_header((ETAG, format!("W/\"{tag}\"")))
        .insert_header((LAST_MODIFIED, HttpDate::from(moment)));
}
