//! Every failure, and the one place where it becomes an answer: a status and an `OperationOutcome`.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use fireward_fhir::{Denial, NotUnderstood, outcome};
use fireward_fhir_store::RecordsError;
use fireward_guard::{Refused, RequestId};
use thiserror::Error;

use crate::conditional::Unreadable;
use crate::export::Trouble;
use crate::negotiate::FHIR_JSON;

/// Why a request is not answered with what it asks for.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Refused(Refused),
    #[error(transparent)]
    NotUnderstood(#[from] NotUnderstood),
    #[error("only JSON is spoken here: ask for application/fhir+json")]
    NotAcceptable,
    #[error("the body must be {0}")]
    MediaType(&'static str),
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    #[error("{0}")]
    BadBody(String),
    #[error("{0} cannot be read: it holds entity tags such as W/\"1\"")]
    BadCondition(&'static str),
    #[error("the resource was deleted")]
    Gone,
    #[error("the resource is at version {0}")]
    Stale(u64),
    #[error("{0}")]
    BadSearch(String),
    #[error(transparent)]
    Export(#[from] Trouble),
    #[error("something went wrong here")]
    Records(#[from] RecordsError),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl Failure {
    /// A header that holds no condition.
    pub(crate) fn condition(name: &'static str) -> impl Fn(Unreadable) -> Self {
        move |_| Self::BadCondition(name)
    }

    /// The answer, with the id under which the request is logged.
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        use actix_web::HttpMessage;
        let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
        let id = id.unwrap_or_default();
        let (status, code) = match self {
            Self::Refused(refused) => return refused.error_response(),
            Self::NotUnderstood(fault) => (fault.status(), fault.issue()),
            Self::NotAcceptable => (406, "not-supported"),
            Self::MediaType(_) => (415, "not-supported"),
            Self::TooLarge(_) => (413, "too-long"),
            Self::BadBody(_) => (400, "structure"),
            Self::BadCondition(_) | Self::BadSearch(_) => (400, "invalid"),
            Self::Gone => (410, "deleted"),
            Self::Stale(_) => (412, "conflict"),
            Self::Export(trouble) => trouble.told(),
            Self::Records(error) => {
                tracing::error!(request = id, %error, "the records failed");
                (500, "exception")
            }
        };
        let body = outcome(code, &format!("{self} (request {id})"));
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = HttpResponse::build(status);
        if status == StatusCode::METHOD_NOT_ALLOWED {
            answer.insert_header((ALLOW, "GET, HEAD, POST, PUT, DELETE, OPTIONS"));
        }
        if let Self::Export(trouble) = self
            && let Some(seconds) = trouble.retry_after()
        {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        answer.content_type(FHIR_JSON).body(body.to_string())
    }
}

/// What the records say, to the bearer of a token. `refuse` words a denial as the guard words all of them.
pub(crate) fn of_records(
    error: RecordsError,
    kind: &'static str,
    refuse: impl Fn(Denial) -> Refused,
) -> Failure {
    match error {
        RecordsError::Missing => refuse(Denial::NotFound).into(),
        RecordsError::Refused => refuse(Denial::NotInContext { kind }).into(),
        RecordsError::Gone => Failure::Gone,
        RecordsError::Stale { current } => Failure::Stale(current),
        RecordsError::NotUnderstood(fault) => Failure::BadSearch(fault),
        RecordsError::Raced | RecordsError::Corrupt { .. } | RecordsError::Db(_) => {
            Failure::Records(error)
        }
    }
}
