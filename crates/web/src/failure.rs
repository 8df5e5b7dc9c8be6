//! Either the client or person is at fault and is told so, or we are and it is not told how.
//!
//! The only `ResponseError`, and the only place where a refusal gets its status.

use std::{error::Error, fmt};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{ALLOW, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use fireward_oauth::{ClientId, ErrorCode, Refused, explain::Fact};
use fireward_pages::Trouble;
use fireward_store::StoreError;
use serde_json::Map;

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The client hears it: JSON from an endpoint, a page from a page.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// A person reads it.
    #[error("{}: {}", .0.trouble_name(), .0.detail.as_deref().unwrap_or_default())]
    Page(Box<Fault>),
    /// Ours; the log hears it.
    #[error("{0}")]
    Broken(Box<dyn Error + Send + Sync>),
}

/// What a client hears, with what the answer's head says besides.
#[derive(Debug)]
pub struct Refusal {
    /// Code and sentence.
    pub refused: Refused,
    /// The client that it is told to, where one was named.
    pub(crate) client: Option<ClientId>,
    status: StatusCode,
    challenge: Option<String>,
    retry_after: Option<u32>,
    allow: Option<&'static str>,
}

/// What a person reads.
#[derive(Debug)]
pub struct Fault {
    /// What happened.
    pub trouble: Trouble,
    /// The error code of the specification.
    pub code: ErrorCode,
    /// The cause, for developers.
    pub detail: Option<String>,
    /// The parameter at fault.
    pub parameter: Option<String>,
    /// The app that asked, by name.
    pub app: Option<String>,
    /// So long to wait.
    pub wait_seconds: Option<u32>,
    /// Where to go on: a path of this issuer, as [`crate::Site::path`] makes it.
    pub onward: Option<String>,
    /// The status, where it is not the usual one.
    pub status: Option<StatusCode>,
    /// What its explanation says besides, and of which client.
    pub explained: (Vec<Fact>, Option<ClientId>),
}

impl Failure {
    /// With the client that it is told to, for its explanation.
    #[must_use]
    pub fn told_to(mut self, client: Option<&ClientId>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.client = client.cloned();
        }
        self
    }

    /// Something of ours that should not be.
    #[must_use]
    pub fn broken(why: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Broken(why.into())
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Refusal::from(refused).into()
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Page(Box::new(fault))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::broken(error)
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        let status = status(refused.code);
        Self { refused, client: None, status, challenge: None, retry_after: None, allow: None }
    }
}

impl Refusal {
    /// With a status of its own.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// With `WWW-Authenticate`.
    #[must_use]
    pub fn challenge(mut self, challenge: impl Into<String>) -> Self {
        self.challenge = Some(challenge.into());
        self
    }

    /// With `Retry-After`, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// With `Allow`.
    #[must_use]
    pub fn allow(mut self, methods: &'static str) -> Self {
        self.allow = Some(methods);
        self
    }

    /// The status it is answered with.
    #[must_use]
    pub const fn status_code(&self) -> StatusCode {
        self.status
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refused.fmt(f)
    }
}

impl Error for Refusal {}

impl Fault {
    /// With nothing but its kind.
    #[must_use]
    pub fn new(trouble: Trouble) -> Self {
        let code = match trouble {
            Trouble::OurFault => ErrorCode::ServerError,
            Trouble::TooMany | Trouble::ElsewhereDown => ErrorCode::TemporarilyUnavailable,
            Trouble::ForeignForm | Trouble::NotYours | Trouble::NotAllowed | Trouble::NoRecord => {
                ErrorCode::AccessDenied
            }
            Trouble::UnknownApp
            | Trouble::UnknownReturnAddress
            | Trouble::FaultyRequest
            | Trouble::Expired
            | Trouble::NoCookies
            | Trouble::LaunchUnusable
            | Trouble::NotFound
            | Trouble::WrongMethod
            | Trouble::TooLarge => ErrorCode::InvalidRequest,
        };
        Self {
            trouble,
            code,
            detail: None,
            parameter: None,
            app: None,
            wait_seconds: None,
            onward: None,
            status: None,
            explained: (Vec::new(), None),
        }
    }

    /// Too much at once, on our side: 503, and when to try again (Z5).
    #[must_use]
    pub fn busy(seconds: u32) -> Self {
        let status = Some(StatusCode::SERVICE_UNAVAILABLE);
        Self { wait_seconds: Some(seconds), status, ..Self::new(Trouble::TooMany) }
    }

    /// With the cause, for developers.
    #[must_use]
    pub fn because(mut self, refused: &Refused) -> Self {
        self.code = refused.code;
        self.detail = Some(refused.description.clone());
        self.explained.0.clone_from(&refused.facts);
        self
    }

    /// The status that goes with it.
    #[must_use]
    pub fn status_code(&self) -> StatusCode {
        if let Some(status) = self.status {
            return status;
        }
        match self.trouble {
            Trouble::UnknownApp
            | Trouble::UnknownReturnAddress
            | Trouble::FaultyRequest
            | Trouble::NotAllowed
            | Trouble::Expired
            | Trouble::LaunchUnusable => StatusCode::BAD_REQUEST,
            Trouble::NoCookies | Trouble::ForeignForm | Trouble::NoRecord | Trouble::NotYours => {
                StatusCode::FORBIDDEN
            }
            Trouble::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Trouble::NotFound => StatusCode::NOT_FOUND,
            Trouble::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Trouble::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Trouble::ElsewhereDown => StatusCode::SERVICE_UNAVAILABLE,
            Trouble::OurFault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn trouble_name(&self) -> String {
        format!("{:?}", self.trouble)
    }
}

/// RFC 6749 §5.2, RFC 6750 §3.1.
const fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidClient | ErrorCode::InvalidToken => StatusCode::UNAUTHORIZED,
        ErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
        ErrorCode::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::InvalidRequest
        | ErrorCode::InvalidGrant
        | ErrorCode::UnauthorizedClient
        | ErrorCode::UnsupportedGrantType
        | ErrorCode::UnsupportedResponseType
        | ErrorCode::InvalidScope
        | ErrorCode::AccessDenied
        | ErrorCode::InvalidTarget
        | ErrorCode::UnsupportedTokenType
        | ErrorCode::LoginRequired
        | ErrorCode::ConsentRequired
        | ErrorCode::InteractionRequired
        | ErrorCode::RequestNotSupported
        | ErrorCode::RequestUriNotSupported
        | ErrorCode::InvalidRequestUri
        | ErrorCode::InvalidRequestObject
        | ErrorCode::RegistrationNotSupported
        | ErrorCode::UnmetAuthenticationRequirements => StatusCode::BAD_REQUEST,
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) => refusal.status,
            Self::Page(fault) => fault.status_code(),
            Self::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The JSON of RFC 6749 §5.2; `pages` puts a page in its place.
    fn error_response(&self) -> HttpResponse {
        self.answer(None)
    }
}

impl Failure {
    /// The JSON of RFC 6749 §5.2, with the page that explains it.
    pub(crate) fn answer(&self, error_uri: Option<&str>) -> HttpResponse {
        let (code, sentence) = match self {
            Self::Refused(refusal) => {
                (refusal.refused.code, Some(refusal.refused.description.clone()))
            }
            Self::Page(fault) => (fault.code, fault.detail.clone()),
            Self::Broken(_) => (ErrorCode::ServerError, None),
        };
        let mut answer = HttpResponse::build(self.status_code());
        if let Self::Refused(refusal) = self {
            let header = |text: &Option<String>| HeaderValue::from_str(text.as_ref()?).ok();
            if let Some(challenge) = header(&refusal.challenge) {
                answer.insert_header((WWW_AUTHENTICATE, challenge));
            }
            if let Some(seconds) = refusal.retry_after {
                answer.insert_header((RETRY_AFTER, seconds));
            }
            if let Some(methods) = refusal.allow {
                answer.insert_header((ALLOW, methods));
            }
        }
        if let Self::Page(fault) = self
            && let Some(seconds) = fault.wait_seconds
        {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        let mut members = Map::new();
        members.insert("error".to_owned(), code.as_str().into());
        let more = [("error_description", sentence), ("error_uri", error_uri.map(str::to_owned))];
        for (name, text) in more {
            if let Some(text) = text {
                members.insert(name.to_owned(), text.into());
            }
        }
        answer.json(members)
    }
}
