//! What every answer carries, and how failures leave the house: as pages for people, as JSON for programs.

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use fireward_oauth::{ErrorCode, Origin, Refused};

use crate::{Failure, Refusal, Site, Visit, cookies, page};

/// Wraps what people see on the way to an app: pages refuse frames but those of the issuer's EHRs (D-20), load
/// nothing foreign, and are kept by nobody (OC-0-07, H5).
///
/// # Errors
/// Only those of the layers within that never reached a handler.
pub async fn pages(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (site, visit) = arrive(&mut request)?;
    let ancestors = site.ehr_origins.clone();
    page_within(request, next, (site, visit), &ancestors).await
}

/// A page, within pages of these origins or of none.
async fn page_within(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    (site, visit): (Data<Site>, Visit),
    ancestors: &[Origin],
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let Some(page) =
        failed(&response, &visit).map(|failure| page::of_failure(&site, &visit, failure))
    {
        response = in_place(response, page);
    }
    let public = response.headers().contains_key(header::CACHE_CONTROL);
    if visit.looked_at && !visit.has_cookie && !public {
        for cookie in cookies::first(&site.issuer, &visit.browser) {
            response.response_mut().add_cookie(&cookie)?;
        }
    }
    let headers = response.headers_mut();
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let policy = HeaderValue::try_from(page::policy(ancestors))?;
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        if ancestors.is_empty() {
            headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        }
    }
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    leave(headers, &site, &visit);
    Ok(response)
}

/// [`pages`] for those that nobody opens as a pop-up or in a frame: other sites' windows lose sight of them.
///
/// Pages on the way to an app cannot have it, because apps that sign in by pop-up wait for an answer from it.
///
/// # Errors
/// As [`pages`].
pub async fn private(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let arrived = arrive(&mut request)?;
    let mut response = page_within(request, next, arrived, &[]).await?;
    response.headers_mut().insert(OPENER_POLICY.clone(), HeaderValue::from_static("same-origin"));
    Ok(response)
}

/// Wraps what programs speak to: `*` without credentials (D-21), and kept by nobody unless it says so (H5).
///
/// # Errors
/// Only those of the layers within that never reached a handler.
pub async fn protocol(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let (site, visit) = arrive(&mut request)?;
    let preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        request.into_response(HttpResponse::NoContent().finish())
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    let explained = failed(&response, &visit).map(|failure| {
        let uri = match failure {
            Failure::Refused(refusal) => Some(site.error_uri(&visit, refusal)),
            Failure::Page(_) | Failure::Broken(_) => None,
        };
        failure.answer(uri.as_deref())
    });
    if let Some(answer) = explained {
        response = response.into_response(answer);
    }
    let headers = response.headers_mut();
    let mut say = |name: HeaderName, value| headers.insert(name, HeaderValue::from_static(value));
    say(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    say(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "ETag, Last-Modified, Location, Retry-After, WWW-Authenticate, X-Request-Id",
    );
    if preflight {
        say(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, PUT, DELETE");
        say(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Accept, Authorization, Content-Type, If-Match, If-None-Match, Prefer",
        );
        say(header::ACCESS_CONTROL_MAX_AGE, "3600");
    }
    leave(headers, &site, &visit);
    Ok(response)
}

/// Answers a method that a path does not take; `allow` lists those that it does (OC-0-02).
///
/// # Errors
/// Always: 405 with `Allow`.
pub fn wrong_method(allow: &'static str) -> Result<HttpResponse, Failure> {
    let refused = Refused::new(ErrorCode::InvalidRequest, format!("this address takes {allow}"));
    Err(Refusal::from(refused).status(StatusCode::METHOD_NOT_ALLOWED).allow(allow).into())
}

fn arrive(request: &mut ServiceRequest) -> Result<(Data<Site>, Visit), Failure> {
    let site = request.app_data::<Data<Site>>().cloned();
    let site = site.ok_or_else(|| Failure::broken("a resource was mounted without its site"))?;
    let visit = Visit::of(&site, request.request());
    // HEAD is answered as GET is; the protocol's layer leaves the body out (RFC 9110 §9.3.2).
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    Ok((site, visit))
}

/// The failure behind an answer, written to the log: ours as an error, others for those who look.
fn failed<'a>(response: &'a ServiceResponse, visit: &Visit) -> Option<&'a Failure> {
    let failure = response.response().error()?.as_error::<Failure>()?;
    let path = response.request().match_pattern().unwrap_or_default();
    match failure {
        Failure::Broken(cause) => {
            tracing::error!(request = %visit.request, path, %cause, "a request could not be answered");
        }
        Failure::Refused(_) | Failure::Page(_) => {
            tracing::info!(request = %visit.request, path, %failure, "a request was refused");
        }
    }
    Some(failure)
}

fn in_place(response: ServiceResponse, (status, body): (StatusCode, String)) -> ServiceResponse {
    let kept = [header::ALLOW, header::RETRY_AFTER].map(|name| {
        let value = response.headers().get(&name).cloned();
        value.map(|value| (name, value))
    });
    let mut page = page::html(body);
    *page.status_mut() = status;
    for (name, value) in kept.into_iter().flatten() {
        page.headers_mut().insert(name, value);
    }
    response.into_response(page)
}

/// What all answers have in common.
fn leave(headers: &mut HeaderMap, site: &Site, visit: &Visit) {
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(visit.request.as_str()) {
        headers.insert(REQUEST_ID.clone(), id);
    }
    if site.issuer.is_secure() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
}

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
