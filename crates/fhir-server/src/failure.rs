//! Every failure, and the one place where it becomes an answer: a status and an `OperationOutcome`.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use fireward_fhir::patch::BadPatch;
use fireward_fhir::structure::{Issue, outcome_of};
use fireward_fhir::{Denial, NotUnderstood, outcome};
use fireward_fhir_store::RecordsError;
use fireward_guard::{Refused, RequestId};
use serde_json::Value;
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
    #[error("the body is no resource of R4 as it must be")]
    Malformed(Vec<Issue>),
    #[error(transparent)]
    BadPatch(#[from] BadPatch),
    #[error("say which version you change: If-Match, or If-None-Match: * for a new one")]
    VersionNeeded,
    #[error("entry[{at}]: {failure}")]
    Entry { at: usize, failure: Box<Failure> },
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
    #[error("{}", of_ours(.0))]
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

    /// The status, and the code of the value set `issue-type`.
    fn status(&self) -> (u16, &'static str) {
        match self {
            Self::Refused(refused) => (refused.refusal().status(), "forbidden"),
            Self::NotUnderstood(fault) => (fault.status(), fault.issue()),
            Self::NotAcceptable => (406, "not-supported"),
            Self::MediaType(_) => (415, "not-supported"),
            Self::TooLarge(_) => (413, "too-long"),
            Self::BadBody(_) | Self::Malformed(_) => (400, "structure"),
            Self::BadPatch(_) | Self::BadCondition(_) | Self::BadSearch(_) => (400, "invalid"),
            Self::VersionNeeded => (428, "required"),
            Self::Entry { failure, .. } => failure.status(),
            Self::Gone => (410, "deleted"),
            Self::Stale(_) => (412, "conflict"),
            Self::Export(trouble) => trouble.told(),
            Self::Records(error) => of_error(error),
        }
    }

    /// The failure of one entry of a transaction, and so of the whole.
    pub(crate) fn in_entry(self, at: usize) -> Self {
        Self::Entry { at, failure: Box::new(self) }
    }

    /// The status and the body.
    pub(crate) fn told(&self, id: &str) -> (u16, Value) {
        match self {
            Self::Malformed(issues) => (400, named(outcome_of(issues), id)),
            Self::Records(RecordsError::Malformed(issues)) => (422, named(outcome_of(issues), id)),
            Self::Refused(refused) => {
                let id = RequestId(id.to_owned());
                (refused.refusal().status(), refused.refusal().outcome(Some(&id)))
            }
            Self::Entry { at, failure } => {
                let (status, mut outcome) = failure.told(id);
                let issues = outcome.get_mut("issue").and_then(Value::as_array_mut);
                for issue in issues.into_iter().flatten() {
                    in_entry(issue, *at);
                }
                (status, outcome)
            }
            Self::NotUnderstood(_)
            | Self::NotAcceptable
            | Self::MediaType(_)
            | Self::TooLarge(_)
            | Self::BadBody(_)
            | Self::BadPatch(_)
            | Self::VersionNeeded
            | Self::BadCondition(_)
            | Self::Gone
            | Self::Stale(_)
            | Self::BadSearch(_)
            | Self::Export(_)
            | Self::Records(_) => {
                let (status, code) = self.status();
                if status == 500 {
                    tracing::error!(request = id, error = ?self, "the records failed");
                }
                (status, outcome(code, &format!("{self} (request {id})")))
            }
        }
    }

    /// The answer, with the id under which the request is logged.
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        if let Self::Refused(refused) = self {
            return refused.error_response();
        }
        let (status, body) = self.told(&request_id(request));
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = HttpResponse::build(status);
        if status == StatusCode::METHOD_NOT_ALLOWED {
            answer.insert_header((ALLOW, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
        }
        if let Self::Export(trouble) = self
            && let Some(seconds) = trouble.retry_after()
        {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        answer.content_type(FHIR_JSON).body(body.to_string())
    }
}

/// What is said of a fault of the records. Of ours, nothing but that there is one.
fn of_ours(error: &RecordsError) -> String {
    match of_error(error) {
        (500, _) => "something went wrong here".to_owned(),
        _ => error.to_string(),
    }
}

/// What is left of the records' faults once those that a permit words have been told.
fn of_error(error: &RecordsError) -> (u16, &'static str) {
    match error {
        RecordsError::Several => (412, "multiple-matches"),
        RecordsError::Unresolved(_) => (412, "not-found"),
        RecordsError::Stale { .. } => (412, "conflict"),
        RecordsError::OtherId { .. }
        | RecordsError::Twice(_)
        | RecordsError::Dangling(_)
        | RecordsError::NotUnderstood(_) => (400, "invalid"),
        RecordsError::Unfit(_) | RecordsError::Unseen | RecordsError::Malformed(_) => {
            (422, "processing")
        }
        RecordsError::TooCostly => (403, "too-costly"),
        RecordsError::Raced => (409, "conflict"),
        RecordsError::Missing => (404, "not-found"),
        RecordsError::Gone => (410, "deleted"),
        RecordsError::Refused | RecordsError::Beyond | RecordsError::Uncovered(_) => {
            (403, "forbidden")
        }
        RecordsError::Entry { error, .. } => of_error(error),
        RecordsError::Corrupt { .. } | RecordsError::Db(_) => (500, "exception"),
    }
}

/// An outcome whose first issue names the request.
fn named(mut outcome: Value, id: &str) -> Value {
    if let Some(Value::String(text)) = outcome.pointer_mut("/issue/0/diagnostics") {
        *text = format!("{text} (request {id})");
    }
    outcome
}

/// Names the entry in an issue.
fn in_entry(issue: &mut Value, at: usize) {
    if let Some(Value::String(text)) = issue.get_mut("diagnostics") {
        *text = format!("entry[{at}]: {text}");
    }
    let place = issue.get_mut("expression").and_then(|all| all.get_mut(0));
    if let Some(Value::String(place)) = place {
        let rest = place.split_once('.').map(|(_, rest)| format!(".{rest}")).unwrap_or_default();
        *place = format!("Bundle.entry[{at}].resource{rest}");
    }
}

/// The id under which a request is logged.
pub(crate) fn request_id(request: &HttpRequest) -> String {
    use actix_web::HttpMessage;
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    id.unwrap_or_default()
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
        RecordsError::Beyond => refuse(Denial::Beyond).into(),
        RecordsError::Uncovered(kind) => refuse(Denial::Uncovered { kind }).into(),
        RecordsError::Gone => Failure::Gone,
        RecordsError::Stale { current } => Failure::Stale(current),
        RecordsError::NotUnderstood(fault) => Failure::BadSearch(fault),
        RecordsError::Several
        | RecordsError::OtherId { .. }
        | RecordsError::Unfit(_)
        | RecordsError::Unseen
        | RecordsError::Malformed(_)
        | RecordsError::Dangling(_)
        | RecordsError::Unresolved(_)
        | RecordsError::Twice(_)
        | RecordsError::TooCostly
        | RecordsError::Entry { .. }
        | RecordsError::Raced
        | RecordsError::Corrupt { .. }
        | RecordsError::Db(_) => Failure::Records(error),
    }
}
