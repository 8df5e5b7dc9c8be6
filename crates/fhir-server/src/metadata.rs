//! `/metadata`: what is served, and for old clients where tokens are had (FHIR R4 http.html#capabilities, CF-7).

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};
use fireward_fhir::capability::{Endpoints, Server, statement};
use fireward_guard::Protection;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use crate::failure::Failure;
use crate::negotiate::{FHIR_JSON, accepts_json};
use crate::server::FhirServer;

/// Answers with the `CapabilityStatement`. While the issuer cannot be reached, its addresses are missing.
pub(crate) async fn answer(server: web::Data<FhirServer>, request: HttpRequest) -> HttpResponse {
    told(&server, &request, (&server.base, statement)).await
}

/// The statement that `of` makes, of what is at `base`.
pub(crate) async fn told(
    server: &FhirServer,
    request: &HttpRequest,
    (base, of): (&str, fn(&Server<'_>) -> Value),
) -> HttpResponse {
    let query = fireward_fhir::search::pairs(request.query_string()).unwrap_or_default();
    let format =
        query.iter().find(|(name, _)| name == "_format").map(|(_, format)| format.as_str());
    if !accepts_json(request.headers(), format) {
        return Failure::NotAcceptable.answer(request);
    }
    let found = server.guard.endpoints().await;
    let oauth = found.as_ref().ok().map(|found| Endpoints {
        authorize: &found.authorization_endpoint,
        token: &found.token_endpoint,
        introspect: found.introspection_endpoint.as_deref(),
        revoke: found.revocation_endpoint.as_deref(),
        register: found.registration_endpoint.as_deref(),
        manage: found.management_endpoint.as_deref(),
    });
    if let Err(fault) = &found {
        tracing::warn!(%fault, "the issuer's addresses are left out of /metadata");
    }
    let date = server.since.format(&Rfc3339).unwrap_or_default();
    let software = ("Fireward demo FHIR server", env!("CARGO_PKG_VERSION"));
    let mut statement = of(&Server { base, software, date: &date, oauth });
    if server.guard.config().protection == Protection::Off
        && let Some(rest) = statement.pointer_mut("/rest/0")
    {
        rest["security"] = json!({ "description": UNPROTECTED });
    }
    let mut answer = HttpResponse::Ok();
    if found.is_ok() {
        answer.insert_header((CACHE_CONTROL, "public, max-age=300"));
    }
    answer.content_type(FHIR_JSON).body(statement.to_string())
}

const UNPROTECTED: &str =
    "UNPROTECTED: security is disabled here. Everybody may read and change every record.";
