//! `/.well-known/oauth-protected-resource`: what this server is to OAuth (RFC 9728).

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use serde_json::json;
use url::Url;

use crate::{Certificates, Config, Guard};

/// The path of the document before the path of the resource (RFC 9728 §3.1).
pub const PROTECTED_RESOURCE: &str = "/.well-known/oauth-protected-resource";

/// Where the document of a server is: at its host, before its path.
pub(crate) fn metadata_address(config: &Config) -> Option<String> {
    if config.issuers.is_empty() {
        return None;
    }
    let mut url = Url::parse(&config.audience).ok()?;
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{PROTECTED_RESOURCE}{path}"));
    Some(url.to_string())
}

/// Answers with the document, to anybody. Mount it at [`PROTECTED_RESOURCE`] with the path of the base after it.
pub async fn protected_resource(guard: web::Data<Guard>) -> HttpResponse {
    let config = guard.config();
    let issuers: Vec<_> = config.issuers.iter().map(|one| one.issuer.as_str()).collect();
    let algs: Vec<_> = config.dpop.algorithms.iter().map(|alg| alg.name()).collect();
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(json!({
        "resource": config.audience,
        "authorization_servers": issuers,
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": algs,
        "tls_client_certificate_bound_access_tokens": config.certificates != Certificates::None,
    }))
}
