//! What every answer has, errors included: a request id, and leave for any page to read it.
//!
//! Any origin may call, without cookies, of which there are none (D-21, SMART 2.2 "Considerations for CORS").

use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpMessage, HttpResponse, middleware::Next};

use crate::RequestId;

/// Draws the id of a request at random; a server puts it into its `app_data`.
#[derive(Clone)]
pub struct NewRequestId(pub Arc<dyn Fn() -> String + Send + Sync>);

/// Answers preflights, names the request, and dresses the answer.
///
/// # Errors
/// Those of what it wraps.
pub async fn envelope<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    if request.method() == Method::OPTIONS {
        let mut preflight = HttpResponse::new(StatusCode::NO_CONTENT);
        set(preflight.headers_mut(), &PREFLIGHT);
        set(preflight.headers_mut(), &ALWAYS);
        return Ok(request.into_response(preflight).map_into_right_body());
    }
    let id = request.app_data::<NewRequestId>().map(|new_id| (new_id.0)()).unwrap_or_default();
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    set(headers, &ALWAYS);
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    // Health records are nobody's to keep, unless the answer says so itself.
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response.map_into_left_body())
}

fn set(headers: &mut HeaderMap, values: &[(HeaderName, &'static str)]) {
    for (name, value) in values {
        headers.insert(name.clone(), HeaderValue::from_static(value));
    }
}

const ALWAYS: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "ETag, Location, Content-Location, Last-Modified, Link, WWW-Authenticate, DPoP-Nonce, X-Request-Id, \
         X-Progress, Retry-After, Expires",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

// By name: `*` would leave out Authorization (Fetch, "CORS protocol and HTTP caches").
const PREFLIGHT: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "Authorization, Content-Type, Accept, If-Match, If-None-Match, If-None-Exist, If-Modified-Since, Prefer, DPoP",
    ),
    (header::ACCESS_CONTROL_MAX_AGE, "7200"),
];
