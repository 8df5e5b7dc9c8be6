#![doc = include_str!("../README.md")]

mod act;
mod answer;
mod app_state;
mod ask;
mod body;
mod bundle;
mod demo;
mod export;
mod failure;
mod history;
mod metadata;
mod pretty;
mod search;
mod serve;
mod server;
mod several;
mod site;
mod trail;
mod validate;

use actix_web::{
    HttpResponse,
    middleware::from_fn,
    web::{self, ServiceConfig},
};
use fireward_guard::manners::{NewRequestId, conditional, envelope, negotiate};
use fireward_guard::{PROTECTED_RESOURCE, protected_resource};
use serde_json::json;

pub use app_state::{AppState, configure_app_state};
pub use demo::{Around, demo_addenda, demo_records, laboratory_records};
pub use server::{Clock, FhirServer, NewId};

/// Mounts the server under the path of its base.
pub fn configure(config: &mut ServiceConfig, server: web::Data<FhirServer>) {
    config.app_data(server.clone());
    // At the host, before the path of the base (RFC 9728 §3.1).
    let resource = web::resource(format!("{PROTECTED_RESOURCE}{}", server.path))
        .app_data(server.guard.clone())
        .app_data(NewRequestId(server.new_id.clone()))
        .wrap(from_fn(envelope))
        .route(web::get().to(protected_resource))
        .route(web::head().to(protected_resource));
    config.service(resource);
    let scope = web::scope(&server.path)
        .app_data(server.guard.clone())
        .app_data(NewRequestId(server.new_id.clone()))
        .app_data(server)
        // To anybody: whoever has no token yet reads here how to get one (CF-1, CF-7).
        .route(SMART, web::get().to(fireward_guard::smart_configuration))
        .route(SMART, web::head().to(fireward_guard::smart_configuration))
        .route("/metadata", web::get().to(metadata::answer))
        .route("/metadata", web::head().to(metadata::answer))
        .configure(export::routes)
        // Everything else is an interaction, or nothing.
        .default_service(web::to(serve::serve))
        .wrap(from_fn(trail::witness))
        .wrap(from_fn(envelope));
    config.service(scope).default_service(web::to(elsewhere));
}

/// Beside the base there is nothing, and whoever looks there learns where the base is.
async fn elsewhere(server: web::Data<FhirServer>) -> HttpResponse {
    let diagnostics =
        format!("There is nothing here. The base of this FHIR server is {}", server.base);
    let issue = json!({ "severity": "error", "code": "not-found", "diagnostics": diagnostics });
    HttpResponse::NotFound()
        .content_type("application/fhir+json")
        .json(json!({ "resourceType": "OperationOutcome", "issue": [issue] }))
}

pub(crate) const SMART: &str = "/.well-known/smart-configuration";

#[cfg(test)]
mod tests;
