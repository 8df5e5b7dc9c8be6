//! The audit trail of requests: whatever is asked under the base is told before it is answered (D-45).
//!
//! A write is told by the records, in its own transaction. All else is told here, around every handler, so that no handler
//! can forget it: what an answer shows, by the answer itself, and what was refused. Its events are durable before the
//! answer leaves; where they cannot be, nothing is shown.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::RETRY_AFTER;
use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, middleware::Next, web};
use fireward_fhir::audit::{
    self, Deed, Scene, Told, event, named, narrowed, patients_in, tellable,
};
use fireward_fhir::{Access, outcome};
use fireward_fhir_store::Author;
use fireward_guard::manners::negotiate::FHIR_JSON;
use fireward_guard::{Bearer, RequestId};
use serde_json::Value;

use crate::server::FhirServer;

/// The form of a posted search, left with the request by whoever read it.
pub(crate) struct Form(pub(crate) String);

/// The text of what an answer is about and does not show whole: of a 304, or of a search for a part of each resource.
pub(crate) struct Confirmed(pub(crate) String);

/// Marks the answer to a write that found nothing to write: what it shows nobody else tells.
pub(crate) struct Unwritten;

/// The server as the bearer of this request's token writes with it.
pub(crate) fn for_writing<'a>(
    server: &'a FhirServer,
    request: &HttpRequest,
) -> Cow<'a, FhirServer> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Cow::Borrowed(server);
    }
    let author = Arc::new(Author::new(scene(server, request)));
    let records = server.records.on_behalf_of(author);
    Cow::Owned(FhirServer { records, ..server.clone() })
}

/// Tells a request once its answer is known, before the answer leaves.
pub(crate) async fn witness<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let server = request.app_data::<web::Data<FhirServer>>().cloned();
    let (request, response) = next.call(request).await?.into_parts();
    let (response, body) = response.into_parts();
    let (shown, body) = match body.try_into_bytes() {
        Ok(bytes) => (bytes.clone(), BoxBody::new(bytes)),
        // What is streamed is told by how it was asked.
        Err(body) => (web::Bytes::new(), body.boxed()),
    };
    let response = response.set_body(body);
    let Some(server) = server else { return Ok(ServiceResponse::new(request, response)) };
    let status = response.status();
    let confirmed = response.extensions().get::<Confirmed>().map(|one| one.0.clone().into());
    let shown = confirmed.unwrap_or(shown);
    let written = !response.extensions().contains::<Unwritten>();
    let told = tell(&server, &request, (status, written), &shown).await;
    if let Err(error) = told
        && !status.is_server_error()
    {
        tracing::error!(%error, "a request is not answered, since it cannot be written down");
        return Ok(ServiceResponse::new(request, unwritten()));
    }
    Ok(ServiceResponse::new(request, response))
}

async fn tell(
    server: &FhirServer,
    request: &HttpRequest,
    (status, written): (StatusCode, bool),
    shown: &[u8],
) -> Result<(), fireward_fhir_store::RecordsError> {
    let path = request.path().strip_prefix(&server.path).unwrap_or_default();
    let Some(told) = Told::of(request.method().as_str(), path) else { return Ok(()) };
    let done = status.is_success() || status == StatusCode::NOT_MODIFIED;
    let scene = scene(server, request);
    if (done && written && told.writes()) || is_delivery(&scene, &told) {
        return Ok(());
    }
    if scene.access.is_none() && !server.strangers.admit((server.now)().unix_timestamp()) {
        tracing::warn!("more is refused without a token than is written down");
        return Ok(());
    }
    let events = events(&scene, &Seen { told: &told, request, path, status, done, shown });
    server.records.note(scene.at, &events).await
}

/// A request and its answer, as they are told.
struct Seen<'a> {
    told: &'a Told,
    request: &'a HttpRequest,
    path: &'a str,
    status: StatusCode,
    done: bool,
    shown: &'a [u8],
}

fn events(scene: &Scene, seen: &Seen<'_>) -> Vec<Value> {
    let Seen { told, request, path, .. } = seen;
    let extensions = request.extensions();
    let form = extensions.get::<Form>().map(|form| form.0.as_str()).unwrap_or_default();
    let parts = [request.query_string(), form];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let query = tellable(&parts.join("&"));
    let mut patients = named(&told.kind, told.id.as_deref(), &query, &scene.base);
    let why = if seen.done {
        patients.extend(patients_in(seen.shown));
        String::new()
    } else {
        why(seen.shown)
    };
    let known = scene.access.is_some();
    if !known {
        // Else anybody could bury, in somebody's trail, who really was there.
        patients.clear();
    }
    let separator = if query.is_empty() { "" } else { "?" };
    let asked = format!("{}{separator}{query}", path.trim_start_matches('/'));
    let failure = (!seen.done).then(|| (seen.status.as_u16(), why.as_str()));
    let tell = |number: usize, patient: Option<&str>| {
        let asked = match patient {
            Some(patient) => narrowed(&asked, patient, &scene.base),
            None => asked.clone(),
        };
        let what = told.what.as_deref().filter(|_| known || told.kind != "Patient");
        let deed = Deed { code: told.code, what, query: Some(&asked), failure };
        event(&format!("{}-r{number}", scene.request), scene, &deed, patient)
    };
    if patients.is_empty() {
        return vec![tell(0, None)];
    }
    patients.iter().enumerate().map(|(number, patient)| tell(number, Some(patient))).collect()
}

/// What the answer says of why it was refused.
fn why(shown: &[u8]) -> String {
    let outcome: Value = serde_json::from_slice(shown).unwrap_or_default();
    let said = outcome.pointer("/issue/0/diagnostics").and_then(Value::as_str);
    said.unwrap_or_default().chars().take(300).collect()
}

fn scene(server: &FhirServer, request: &HttpRequest) -> Scene {
    let extensions = request.extensions();
    Scene {
        base: server.base.clone(),
        request: extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        at: (server.now)(),
        access: extensions.get::<Bearer>().map(|bearer| Arc::new(bearer.access().clone())),
        address: request.peer_addr().map(|peer| peer.ip().to_canonical().to_string()),
    }
}

/// Whether the issuer adds to the trail what happened there: to tell that would never end.
fn is_delivery(scene: &Scene, told: &Told) -> bool {
    let own = |access: &Arc<Access>| access.client() == audit::ISSUERS_OWN_CLIENT;
    told.writes() && told.kind == audit::AUDIT_EVENT && scene.access.as_ref().is_some_and(own)
}

fn unwritten() -> HttpResponse {
    let body =
        outcome("transient", "the request cannot be written down now, and so is not answered");
    HttpResponse::ServiceUnavailable()
        .insert_header((RETRY_AFTER, "5"))
        .content_type(FHIR_JSON)
        .body(body.to_string())
}

/// How many requests without an accepted token are told: whoever has none must not be able to fill the trail.
#[derive(Debug, Default)]
pub(crate) struct Strangers {
    second: AtomicI64,
    told: AtomicU32,
}

impl Strangers {
    fn admit(&self, now: i64) -> bool {
        if self.second.swap(now, Ordering::Relaxed) != now {
            self.told.store(0, Ordering::Relaxed);
        }
        self.told.fetch_add(1, Ordering::Relaxed) < MOST_STRANGERS
    }
}

/// In each second.
const MOST_STRANGERS: u32 = 20;
