//! How a request is refused: status, `WWW-Authenticate` (RFC 6750 §3, RFC 9449 §7.1, RFC 9728 §5.1) and
//! `OperationOutcome`.

use std::fmt;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use fireward_fhir::{Denial, outcome};
use serde_json::{Value, json};

use crate::presented::Scheme;
use crate::{Check, Failed};

/// The id under which a request is logged; a server puts it into the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The request itself is wrong, whatever the token.
    BadRequest(&'static str),
    /// The token, proof or password is missing or not accepted.
    NotAccepted(Failed),
    /// The token is accepted and does not allow it.
    Denied(Denial),
    /// Somebody who must be asked gives no answer, so nothing can be said.
    Unavailable(&'static str),
}

/// What every challenge of a server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manner {
    pub(crate) realm: String,
    /// Where [`crate::protected_resource`] is.
    pub(crate) metadata: Option<String>,
    /// The algorithms of proofs.
    pub(crate) algs: String,
    /// Whether passwords are taken, and tokens.
    pub(crate) basic: bool,
    pub(crate) tokens: bool,
}

/// A refusal of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub(crate) refusal: Refusal,
    pub(crate) manner: Arc<Manner>,
    /// How the token was shown, where there was one.
    pub(crate) scheme: Option<Scheme>,
    /// What the next proof must hold.
    pub(crate) nonce: Option<String>,
    pub(crate) request: Option<RequestId>,
}

impl Refusal {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) => 400,
            Self::NotAccepted(_) => 401,
            Self::Denied(denial) => denial.status(),
            Self::Unavailable(_) => 503,
        }
    }

    /// The word of the check that failed, where it may be told.
    #[must_use]
    pub fn check(&self) -> Option<&'static str> {
        match self {
            Self::NotAccepted(failed) => Some(failed.check.name()),
            Self::Denied(Denial::NotFound) | Self::BadRequest(_) | Self::Unavailable(_) => None,
            Self::Denied(denial) => Some(denial.check().as_str()),
        }
    }

    /// `error` and `scope` of a challenge; nothing where there is no challenge.
    fn said(&self) -> Option<(Option<&'static str>, Option<String>)> {
        match self {
            Self::BadRequest(_) => Some((Some("invalid_request"), None)),
            Self::NotAccepted(failed) => Some((failed.check.error(), None)),
            Self::Denied(Denial::NotFound) | Self::Unavailable(_) => None,
            Self::Denied(denial) => Some((denial.error(), denial.scope())),
        }
    }

    /// The code of the `OperationOutcome` issue (FHIR R4 value set `issue-type`).
    const fn code(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "invalid",
            Self::NotAccepted(Failed { check: Check::Expiry, .. }) => "expired",
            Self::NotAccepted(_) => "login",
            Self::Denied(denial) => denial.issue(),
            Self::Unavailable(_) => "transient",
        }
    }

    /// The body.
    #[must_use]
    pub fn outcome(&self, request: Option<&RequestId>) -> Value {
        let text = match request {
            Some(RequestId(id)) => format!("{self} (request {id})"),
            None => self.to_string(),
        };
        let mut body = outcome(self.code(), &text);
        if let (Some(check), Some(issue)) = (self.check(), body.pointer_mut("/issue/0")) {
            issue["details"] = json!({ "coding": [{ "system": CHECKS, "code": check }] });
        }
        body
    }
}

impl Manner {
    /// Of a server that has nothing to say of itself.
    pub(crate) fn none() -> Self {
        let (realm, algs) = (String::new(), String::new());
        Self { realm, metadata: None, algs, basic: false, tokens: false }
    }

    /// Each value of `WWW-Authenticate`.
    fn challenges(&self, refused: &Refused) -> Vec<String> {
        let Some((error, scope)) = refused.refusal.said() else { return Vec::new() };
        let said = |name: &str, value: &str| format!("{name}=\"{}\"", quotable(value));
        let realm = said("realm", &self.realm);
        let metadata = self.metadata.as_ref().map(|at| said("resource_metadata", at));
        let id = refused.request.as_ref().map(|id| said("request_id", &id.0));
        // Nothing is said to somebody who has shown nothing (RFC 6750 §3.1).
        let shown = error.map(|error| {
            let check = refused.refusal.check().map(|check| said("check", check));
            let told = said("error_description", &refused.refusal.to_string());
            let scope = scope.map(|scope| said("scope", &scope));
            [Some(said("error", error)), Some(told), scope, check, id]
        });
        let shown = shown.into_iter().flatten().flatten();
        let common: Vec<String> =
            [Some(realm.clone()), metadata].into_iter().flatten().chain(shown).collect();
        let bearer = format!("Bearer {}", common.join(", "));
        let dpop = format!("DPoP {}, {}", common.join(", "), said("algs", &self.algs));
        let basic = format!("Basic {realm}, charset=\"UTF-8\"");
        let binding = matches!(&refused.refusal, Refusal::NotAccepted(failed)
            if failed.check == Check::Binding);
        match (refused.scheme, error) {
            (Some(Scheme::DPoP), _) => vec![dpop],
            // Whoever shows a bound token alone learns how to show it (RFC 9449 §7.2).
            (Some(Scheme::Bearer), _) if binding => vec![bearer, dpop],
            (Some(Scheme::Bearer), _) | (None, Some(_)) => vec![bearer],
            (None, None) => {
                let tokens = [bearer, dpop].into_iter().filter(|_| self.tokens);
                tokens.chain(self.basic.then_some(basic)).collect()
            }
        }
    }
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<Failed> for Refusal {
    fn from(failed: Failed) -> Self {
        Self::NotAccepted(failed)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadRequest(why) | Self::Unavailable(why) => f.write_str(why),
            Self::NotAccepted(failed) => failed.fmt(f),
            Self::Denied(denial) => denial.fmt(f),
        }
    }
}

impl Refused {
    /// Why.
    #[must_use]
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    pub(crate) fn of(refusal: Refusal, manner: &Arc<Manner>, request: &HttpRequest) -> Self {
        let request = request.extensions().get::<RequestId>().cloned();
        Self { refusal, manner: Arc::clone(manner), scheme: None, nonce: None, request }
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
        for challenge in self.manner.challenges(self) {
            if let Ok(challenge) = HeaderValue::from_str(&challenge) {
                response.append_header((WWW_AUTHENTICATE, challenge));
            }
        }
        if let Some(nonce) = self.nonce.as_deref().and_then(|text| HeaderValue::from_str(text).ok())
        {
            response.insert_header((HeaderName::from_static("dpop-nonce"), nonce));
        }
        if matches!(self.refusal, Refusal::Unavailable(_)) {
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

/// The code system of the words of [`Check`].
const CHECKS: &str = "https://fireward.dev/fhir/checks";
