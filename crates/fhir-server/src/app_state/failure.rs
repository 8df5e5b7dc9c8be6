//! Why a request about a state is not answered as asked, and how that is told.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderValue, WWW_AUTHENTICATE};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _};
use fireward_fhir::app_state::{BadQuery, Invalid, StateDenial};
use fireward_fhir::outcome;
use fireward_fhir_store::{RecordsError, Unchanged};
use fireward_guard::{Refused, RequestId};
use thiserror::Error;

use crate::negotiate::FHIR_JSON;

#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Refused(Refused),
    #[error(transparent)]
    Denied(#[from] StateDenial),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Query(#[from] BadQuery),
    #[error("{0}")]
    BadBody(String),
    #[error("the body must be application/fhir+json")]
    MediaType,
    #[error("only JSON is spoken here: ask for application/fhir+json")]
    NotAcceptable,
    #[error("a state has at most 256 KiB")]
    TooLarge,
    #[error("say in If-Match which version is to be changed: its ETag")]
    NoCondition,
    #[error(
        "the state is not there in this version with this code and subject, or is not this app's to change: search for \
         it again"
    )]
    PreconditionFailed,
    #[error("this code has as many states for this subject as it may have")]
    TooMany,
    #[error(
        "the app has as much for this subject as it may have: 200 states, and 4 MiB, of all its codes"
    )]
    SubjectFull,
    #[error(
        "the app has as much here as it may have: 250000 states, and 1 GiB, of all its codes and subjects; whoever runs \
         this server can remove them"
    )]
    SystemFull,
    #[error("there is nothing here but Basic")]
    NoSuchPath,
    #[error("this address takes {0}")]
    Method(&'static str),
    #[error("something went wrong here")]
    Records(#[from] RecordsError),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Unchanged> for Failure {
    fn from(unchanged: Unchanged) -> Self {
        match unchanged {
            Unchanged::PreconditionFailed => Self::PreconditionFailed,
            Unchanged::TooMany => Self::TooMany,
            Unchanged::SubjectFull => Self::SubjectFull,
            Unchanged::SystemFull => Self::SystemFull,
        }
    }
}

impl Failure {
    pub(super) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        let (status, code) = match self {
            Self::Refused(refused) => return refused.error_response(),
            Self::Denied(denial) => {
                tracing::info!(request = id, reason = %denial, "a state was refused");
                (403, "forbidden")
            }
            Self::Invalid(_) | Self::Query(_) => (400, "invalid"),
            Self::BadBody(_) => (400, "structure"),
            Self::MediaType => (415, "not-supported"),
            Self::NotAcceptable => (406, "not-supported"),
            Self::TooLarge => (413, "too-long"),
            Self::NoCondition => (428, "required"),
            Self::PreconditionFailed => (412, "conflict"),
            Self::TooMany | Self::SubjectFull => (422, "too-costly"),
            Self::SystemFull => (507, "no-store"),
            Self::NoSuchPath => (404, "not-found"),
            Self::Method(_) => (405, "not-supported"),
            Self::Records(error) => {
                tracing::error!(request = id, %error, "the states failed");
                (500, "exception")
            }
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = HttpResponse::build(status);
        if let Self::Method(allow) = self {
            answer.insert_header((ALLOW, *allow));
        }
        if let Self::Denied(denial) = self
            && let Ok(challenge) = HeaderValue::try_from(challenge(denial))
        {
            answer.insert_header((WWW_AUTHENTICATE, challenge));
        }
        let body = outcome(code, &format!("{self} (request {id})"));
        answer.content_type(FHIR_JSON).body(body.to_string())
    }
}

/// RFC 6750 §3.
fn challenge(denial: &StateDenial) -> String {
    let scope = denial.scope().map(|scope| format!(", scope=\"{scope}\"")).unwrap_or_default();
    format!("Bearer error=\"insufficient_scope\"{scope}")
}
