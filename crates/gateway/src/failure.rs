//! Every failure, and the one place where it becomes a status and an `OperationOutcome`.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use fireward_fhir::{Denial, NotUnderstood, outcome};
use fireward_guard::manners::negotiate::FHIR_JSON;
use fireward_guard::{Refused, RequestId};
use serde_json::Value;
use thiserror::Error;

/// Why a request is not answered with what it asks for.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Refused(Refused),
    /// The judge's denial, until the guard words it.
    #[error("{0}")]
    Denied(#[from] Denial),
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
    #[error("{0}")]
    Unfit(String),
    #[error("{0} cannot be read: it holds entity tags such as W/\"1\"")]
    BadCondition(&'static str),
    /// As [`Denial::NotFound`], where nobody is refused anything.
    #[error("there is no such resource")]
    Missing,
    #[error("the resource was deleted")]
    Gone,
    #[error("the resource is at another version")]
    Stale,
    #[error("the search finds several resources")]
    Several,
    #[error("the FHIR server behind this gateway does not take the request")]
    Rejected(u16),
    #[error("the FHIR server behind this gateway does not support the request")]
    Unsupported,
    #[error("the request conflicts with what is stored")]
    Conflict,
    #[error("the FHIR server behind this gateway is busy")]
    Busy(Option<u32>),
    #[error("the FHIR server behind this gateway {0}")]
    Fault(#[from] Fault),
}

/// What is wrong with the server behind, or with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Fault {
    #[error("cannot be reached")]
    Unreachable,
    #[error("does not answer in time")]
    TooSlow,
    #[error("answers at greater length than is borne")]
    TooLong,
    #[error("answers with status {0}")]
    Status(u16),
    #[error("sends elsewhere, and its redirects are not followed")]
    Redirect,
    #[error("answers in an encoding that was not asked for")]
    Encoding,
    #[error("does not answer with FHIR as JSON")]
    MediaType,
    #[error("answers with something that cannot be judged: {0}")]
    Unproven(&'static str),
    #[error("does not narrow its searches, and too much would have to be read")]
    TooWide,
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<fireward_outbound::Fault> for Failure {
    fn from(fault: fireward_outbound::Fault) -> Self {
        use fireward_outbound::Fault as Out;
        tracing::warn!(%fault, "the FHIR server behind the gateway did not answer");
        Self::Fault(match fault {
            Out::TooSlow => Fault::TooSlow,
            Out::TooLong => Fault::TooLong,
            Out::Status(status) => Fault::Status(status),
            Out::Unreachable(_) | Out::NotPublic | Out::Unusable(_) | Out::Busy | Out::NoTls(_) => {
                Fault::Unreachable
            }
        })
    }
}

impl Failure {
    /// The status and the code of the issue (FHIR R4 value set `issue-type`).
    pub(crate) fn told(&self) -> (u16, &'static str) {
        match self {
            Self::Refused(refused) => {
                let status = refused.refusal().status();
                (status, if status == 404 { "not-found" } else { "forbidden" })
            }
            Self::Denied(denial) => (denial.status(), denial.issue()),
            Self::NotUnderstood(fault) => (fault.status(), fault.issue()),
            Self::NotAcceptable => (406, "not-supported"),
            Self::MediaType(_) => (415, "not-supported"),
            Self::TooLarge(_) => (413, "too-long"),
            Self::BadBody(_) => (400, "structure"),
            Self::Unfit(_) => (422, "processing"),
            Self::BadCondition(_) => (400, "invalid"),
            Self::Missing => (404, "not-found"),
            Self::Gone => (410, "deleted"),
            Self::Stale => (412, "conflict"),
            Self::Several => (412, "multiple-matches"),
            Self::Rejected(status) => (*status, "invalid"),
            Self::Unsupported => (501, "not-supported"),
            Self::Conflict => (409, "conflict"),
            Self::Busy(_) => (503, "transient"),
            Self::Fault(Fault::TooSlow) => (504, "timeout"),
            Self::Fault(_) => (502, "exception"),
        }
    }

    /// The body, with the id under which the request is logged.
    pub(crate) fn outcome(&self, id: &str) -> Value {
        outcome(self.told().1, &format!("{self} (request {id})"))
    }

    /// The answer.
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        if let Self::Refused(refused) = self {
            return refused.error_response();
        }
        let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
        let id = id.unwrap_or_default();
        let (status, _) = self.told();
        if let Self::Fault(fault) = self {
            tracing::warn!(request = id, %fault, "no answer from the FHIR server behind the gateway");
        }
        let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = HttpResponse::build(code);
        if status == 405 {
            answer.insert_header((ALLOW, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
        }
        if let Self::Busy(seconds) = self {
            answer.insert_header((RETRY_AFTER, seconds.unwrap_or(5).to_string()));
        }
        answer.content_type(FHIR_JSON).body(self.outcome(&id).to_string())
    }
}

impl From<fireward_fhir::Refused> for Failure {
    fn from(refused: fireward_fhir::Refused) -> Self {
        match refused {
            fireward_fhir::Refused::Denied(denial) => Self::Denied(denial),
            fireward_fhir::Refused::NotUnderstood(fault) => Self::NotUnderstood(fault),
        }
    }
}
