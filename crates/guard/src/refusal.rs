//! How a request is refused: status, `WWW-Authenticate` (RFC 6750 §3) and `OperationOutcome`.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use fireward_fhir::{Denial, outcome};
use serde_json::Value;

/// The id under which a request is logged; a server puts it into the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The request itself is wrong, whatever the token.
    BadRequest(&'static str),
    /// The token is missing, not accepted, or does not allow it.
    Denied(Denial),
    /// The issuer's keys cannot be had, so nothing can be said about the token.
    Unavailable,
}

/// A refusal of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    refusal: Refusal,
    realm: String,
    request: Option<RequestId>,
}

impl Refusal {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) => 400,
            Self::Denied(denial) => denial.status(),
            Self::Unavailable => 503,
        }
    }

    /// The value of `WWW-Authenticate`, where there is one.
    #[must_use]
    pub fn challenge(&self, realm: &str) -> Option<String> {
        let (error, scope) = match self {
            Self::BadRequest(_) => (Some("invalid_request"), None),
            Self::Denied(Denial::NotFound) | Self::Unavailable => return None,
            Self::Denied(denial) => (denial.error(), denial.scope()),
        };
        let said = |name: &str, value: &str| format!("{name}=\"{}\"", quotable(value));
        // Nothing is said to somebody who has shown nothing (RFC 6750 §3.1).
        let parts: Vec<String> = [
            Some(said("realm", realm)),
            error.map(|error| said("error", error)),
            error.map(|_| said("error_description", &self.to_string())),
            scope.map(|scope| said("scope", &scope)),
        ]
        .into_iter()
        .flatten()
        .collect();
        Some(format!("Bearer {}", parts.join(", ")))
    }

    /// The body.
    #[must_use]
    pub fn outcome(&self, request: Option<&RequestId>) -> Value {
        let code = match self {
            Self::BadRequest(_) => "invalid",
            Self::Denied(denial) => denial.issue(),
            Self::Unavailable => "transient",
        };
        match request {
            Some(RequestId(id)) => outcome(code, &format!("{self} (request {id})")),
            None => outcome(code, &self.to_string()),
        }
    }

    /// This refusal of a request, under the realm's name.
    #[must_use]
    pub fn of(self, request: &HttpRequest, realm: &str) -> Refused {
        let request = request.extensions().get::<RequestId>().cloned();
        Refused { refusal: self, realm: realm.to_owned(), request }
    }
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadRequest(reason) => f.write_str(reason),
            Self::Denied(denial) => denial.fmt(f),
            Self::Unavailable => f.write_str("the issuer of the token cannot be reached now"),
        }
    }
}

impl Refused {
    /// Why.
    #[must_use]
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    pub(crate) fn new(refusal: Refusal, realm: String, request: Option<RequestId>) -> Self {
        Self { refusal, realm, request }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal.fmt(f)
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.content_type("application/fhir+json").insert_header((CACHE_CONTROL, "no-store"));
        if let Some(challenge) = self.refusal.challenge(&self.realm)
            && let Ok(challenge) = HeaderValue::from_str(&challenge)
        {
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
        if self.refusal == Refusal::Unavailable {
            response.insert_header((RETRY_AFTER, "5"));
        }
        if let Some(RequestId(id)) = &self.request {
            response.insert_header(("X-Request-Id", id.as_str()));
        }
        response.body(self.refusal.outcome(self.request.as_ref()).to_string())
    }
}

/// What may stand between quotes in a challenge (RFC 6750 §3): printable, without quotes and backslashes.
fn quotable(text: &str) -> String {
    let replace = |c: char| match c {
        '"' | '\\' => '\'',
        ' '..='~' => c,
        _ => '?',
    };
    text.chars().map(replace).collect()
}
