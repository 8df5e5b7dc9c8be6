#![doc = include_str!("../README.md")]

mod answer;
mod batch;
mod body;
mod bundle;
mod condition;
mod conditional;
mod everything;
mod export;
mod failure;
mod gateway;
mod history;
mod judge;
mod link;
mod metadata;
mod patch;
mod read;
mod resource;
mod search;
mod serve;
mod transaction;
mod upstream;
mod write;

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use fireward_guard::manners::envelope;
use fireward_guard::{PROTECTED_RESOURCE, protected_resource};

pub use gateway::{Gateway, Limits, Settings};
pub use link::Links;
pub use upstream::{Credential, Upstream};

/// Mounts the gateway under the path of its base.
pub fn configure(config: &mut ServiceConfig, gateway: web::Data<Gateway>) {
    // At the host, before the path of the base (RFC 9728 §3.1).
    let resource = web::resource(format!("{PROTECTED_RESOURCE}{}", gateway.path))
        .app_data(gateway.guard.clone())
        .app_data(gateway.new_id.clone())
        .wrap(from_fn(envelope))
        .route(web::get().to(protected_resource))
        .route(web::head().to(protected_resource));
    config.service(resource);
    let scope = web::scope(&gateway.path)
        .app_data(gateway.guard.clone())
        .app_data(gateway.new_id.clone())
        .app_data(gateway)
        // To anybody: whoever has no token yet reads here how to get one (CF-1, CF-7).
        .route(SMART, web::get().to(fireward_guard::smart_configuration))
        .route(SMART, web::head().to(fireward_guard::smart_configuration))
        .route("/metadata", web::get().to(metadata::answer))
        .route("/metadata", web::head().to(metadata::answer))
        .configure(export::routes)
        // Everything else is an interaction, or nothing.
        .default_service(web::to(serve::serve))
        .wrap(from_fn(envelope));
    config.service(scope).default_service(web::to(elsewhere));
}

/// Beside the base there is nothing.
async fn elsewhere(request: HttpRequest) -> HttpResponse {
    failure::Failure::Missing.answer(&request)
}

const SMART: &str = "/.well-known/smart-configuration";

#[cfg(test)]
mod tests;
