//! Why a request did not go well. A handler says so; [`crate::manners`] makes the page in the reader's language.

use std::fmt;

use actix_web::{ResponseError, http::StatusCode};
use fireward_pages::Trouble;

/// Why a request did not go well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nobody is signed in.
    SignInFirst,
    /// The clinician's tokens have ended and cannot be renewed.
    SessionEnded,
    /// A page tells what happened; the cause is for the log.
    Told(Trouble, String),
}

impl Failure {
    pub(crate) fn told(trouble: Trouble, cause: impl Into<String>) -> Self {
        Self::Told(trouble, cause.into())
    }

    /// The issuer or the FHIR server did not answer as it should.
    pub(crate) fn elsewhere(cause: &impl fmt::Display) -> Self {
        Self::told(Trouble::ElsewhereDown, cause.to_string())
    }

    /// We are at fault.
    pub(crate) fn ours(cause: &impl fmt::Display) -> Self {
        Self::told(Trouble::OurFault, cause.to_string())
    }

    pub(crate) fn not_found() -> Self {
        Self::told(Trouble::NotFound, "no such page")
    }

    pub(crate) fn trouble(&self) -> Trouble {
        match self {
            Self::SignInFirst | Self::SessionEnded => Trouble::Expired,
            Self::Told(trouble, _) => *trouble,
        }
    }

    /// The code that the page shows, for whoever is told of it.
    pub(crate) fn code(&self) -> &'static str {
        match self.trouble() {
            Trouble::NotAllowed => "access_denied",
            Trouble::FaultyRequest => "invalid_request",
            Trouble::Expired => "expired",
            Trouble::ForeignForm => "foreign_form",
            Trouble::NoCookies => "no_cookies",
            Trouble::NotYours => "not_a_clinician",
            Trouble::NotFound => "not_found",
            Trouble::WrongMethod => "wrong_method",
            Trouble::TooLarge => "too_large",
            Trouble::ElsewhereDown => "server_unreachable",
            Trouble::UnknownApp
            | Trouble::UnknownReturnAddress
            | Trouble::LaunchUnusable
            | Trouble::NoRecord
            | Trouble::TooMany
            | Trouble::OurFault => "internal_error",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignInFirst => f.write_str("nobody is signed in"),
            Self::SessionEnded => f.write_str("the tokens have ended"),
            Self::Told(_, cause) => f.write_str(cause),
        }
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self.trouble() {
            Trouble::NotFound => StatusCode::NOT_FOUND,
            Trouble::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Trouble::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Trouble::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Trouble::ForeignForm | Trouble::NotYours | Trouble::NotAllowed => StatusCode::FORBIDDEN,
            Trouble::ElsewhereDown => StatusCode::BAD_GATEWAY,
            Trouble::OurFault => StatusCode::INTERNAL_SERVER_ERROR,
            Trouble::UnknownApp
            | Trouble::UnknownReturnAddress
            | Trouble::FaultyRequest
            | Trouble::Expired
            | Trouble::NoCookies
            | Trouble::LaunchUnusable
            | Trouble::NoRecord => StatusCode::BAD_REQUEST,
        }
    }
}
