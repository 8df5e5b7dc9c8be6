//! What is answered: over HTTP, or in an entry of a bundle.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LOCATION, ETAG, HttpDate, LAST_MODIFIED, LOCATION};
use fireward_fhir_store::Stored;
use fireward_guard::manners::conditional::{Return, etag};
use fireward_guard::manners::negotiate::FHIR_JSON;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::trail::{Confirmed, Unwritten};

/// An answer that is no failure.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Of which version of which resource it tells.
    pub(crate) version: Option<u64>,
    pub(crate) last_modified: Option<OffsetDateTime>,
    /// Where what was written is.
    pub(crate) location: Option<String>,
    /// Where the resource is that an entry of a bundle holds.
    pub(crate) full_url: Option<String>,
    pub(crate) body: Body,
    /// The text of a resource whose state the answer confirms without showing all of it.
    pub(crate) confirmed: Option<String>,
    /// Whether nothing was written, though a write was asked.
    pub(crate) unwritten: bool,
}

/// What is in an answer.
#[derive(Debug, Default)]
pub(crate) enum Body {
    #[default]
    Nothing,
    /// A resource, as text.
    Resource(String),
    /// How it went.
    Outcome(Value),
}

impl Answer {
    /// One version of one resource.
    pub(crate) fn version(status: u16, base: &str, stored: Stored) -> Self {
        Self {
            status,
            version: Some(stored.version),
            last_modified: Some(stored.last_updated),
            location: None,
            full_url: Some(format!("{base}/{}/{}", stored.kind, stored.id)),
            body: Body::Resource(stored.body),
            ..Self::default()
        }
    }

    /// The same answer to a write, with as much in it as was asked for (RFC 7240 §4.2, FHIR R4 http.html#ops).
    pub(crate) fn of_write(self, base: &str, stored: &Stored, returns: Return) -> Self {
        let Stored { kind, id, version, .. } = stored;
        let location = Some(format!("{base}/{kind}/{id}/_history/{version}"));
        let body = match returns {
            Return::Representation => self.body,
            Return::Minimal => Body::Nothing,
            Return::OperationOutcome => Body::Outcome(done()),
        };
        Self { location, body, ..self }
    }

    /// The answer over HTTP.
    pub(crate) fn http(self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = HttpResponse::build(status);
        if let Some(version) = self.version {
            answer.insert_header((ETAG, etag(version)));
        }
        if let Some(time) = self.last_modified {
            let time = HttpDate::from(std::time::SystemTime::from(time));
            answer.insert_header((LAST_MODIFIED, time));
        }
        if let Some(location) = &self.location {
            answer.insert_header((LOCATION, location.as_str()));
            if matches!(self.body, Body::Resource(_)) {
                answer.insert_header((CONTENT_LOCATION, location.as_str()));
            }
        }
        let mut answer = match self.body {
            Body::Nothing => answer.finish(),
            Body::Resource(text) => answer.content_type(FHIR_JSON).body(text),
            Body::Outcome(outcome) => answer.content_type(FHIR_JSON).body(outcome.to_string()),
        };
        if let Some(text) = self.confirmed {
            answer.extensions_mut().insert(Confirmed(text));
        }
        if self.unwritten {
            answer.extensions_mut().insert(Unwritten);
        }
        answer
    }

    /// The answer as an entry of a bundle, as text (FHIR R4 bundle.html `Bundle.entry.response`).
    pub(crate) fn entry(&self) -> String {
        let mut response = json!({ "status": self.status.to_string() });
        let mut say = |name: &str, value: Option<Value>| {
            if let (Some(value), Some(members)) = (value, response.as_object_mut()) {
                members.insert(name.to_owned(), value);
            }
        };
        say("location", self.location.clone().map(Value::from));
        say("etag", self.version.map(|version| etag(version).into()));
        let time = self.last_modified.and_then(|time| time.format(&Rfc3339).ok());
        say("lastModified", time.map(Value::from));
        let resource = match &self.body {
            Body::Resource(text) => format!("\"resource\":{text},"),
            Body::Nothing => String::new(),
            Body::Outcome(outcome) => {
                say("outcome", Some(outcome.clone()));
                String::new()
            }
        };
        let full_url = self.full_url.as_ref().filter(|_| !resource.is_empty());
        let full_url = full_url.map(|url| format!("\"fullUrl\":{},", json!(url)));
        format!("{{{}{resource}\"response\":{response}}}", full_url.unwrap_or_default())
    }

    /// How many octets it holds.
    pub(crate) fn size(&self) -> usize {
        match &self.body {
            Body::Resource(text) => text.len(),
            Body::Nothing | Body::Outcome(_) => 0,
        }
    }
}

/// An outcome that says that it was done.
pub(crate) fn done() -> Value {
    let issue =
        json!({ "severity": "information", "code": "informational", "diagnostics": "Done." });
    json!({ "resourceType": "OperationOutcome", "issue": [issue] })
}
