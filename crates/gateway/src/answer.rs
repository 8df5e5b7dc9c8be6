//! An answer before it is sent: of a request by itself, or of an entry of a bundle.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, LAST_MODIFIED, LOCATION};
use fireward_guard::manners::negotiate::FHIR_JSON;

/// What is answered. Every member was made or checked here: nothing is passed on as the server behind wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    /// Absolute.
    pub(crate) location: Option<String>,
    /// A resource as JSON.
    pub(crate) body: Option<String>,
}

impl Answer {
    /// 200 with a body.
    pub(crate) fn ok(body: String) -> Self {
        Self { status: 200, body: Some(body), ..Self::default() }
    }

    /// As it is sent.
    pub(crate) fn send(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = HttpResponse::build(status);
        let headers =
            [(ETAG, self.etag), (LAST_MODIFIED, self.last_modified), (LOCATION, self.location)];
        for (name, value) in headers {
            if let Some(value) = value {
                answer.insert_header((name, value));
            }
        }
        match self.body {
            Some(body) => answer.content_type(FHIR_JSON).body(body),
            None => answer.finish(),
        }
    }
}
