//! What is sent to us: no more of it than is bearable, with one reading, and with references that everybody reads alike.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{BytesMut, Payload};
use fireward_guard::manners::negotiate::is_json;
use fireward_jose::json;
use futures_util::StreamExt as _;
use serde_json::Value;

use crate::failure::Failure;
use crate::gateway::Gateway;
use crate::resource::{doubtful, rewrite};

/// Reads JSON.
pub(crate) async fn value(
    gateway: &Gateway,
    request: &HttpRequest,
    payload: &mut Payload,
) -> Result<Value, Failure> {
    if !is_json(media_type(request)) {
        return Err(Failure::MediaType("application/fhir+json"));
    }
    any(gateway, payload).await
}

/// Reads JSON, whatever it is declared to be.
pub(crate) async fn any(gateway: &Gateway, payload: &mut Payload) -> Result<Value, Failure> {
    let bytes = octets(payload, gateway.limits.body).await?;
    json::from_slice(&bytes)
        .map_err(|fault| Failure::BadBody(format!("the body is no plain JSON: {fault}")))
}

/// Reads the form of a posted search.
pub(crate) async fn form(
    gateway: &Gateway,
    request: &HttpRequest,
    payload: &mut Payload,
) -> Result<String, Failure> {
    let essence = media_type(request).split(';').next().unwrap_or_default().trim();
    let bytes = octets(payload, gateway.limits.body).await?;
    if !essence.eq_ignore_ascii_case(FORM) && !bytes.is_empty() {
        return Err(Failure::MediaType(FORM));
    }
    String::from_utf8(bytes.to_vec()).map_err(|_| Failure::BadBody("the form is not text".into()))
}

/// A resource of the type, as it may go on.
pub(crate) fn resource(
    gateway: &Gateway,
    sent: Option<Value>,
    kind: &str,
) -> Result<Value, Failure> {
    let mut resource = sent.unwrap_or_default();
    if resource.get("resourceType").and_then(Value::as_str) != Some(kind) {
        return Err(Failure::BadBody(format!("the body is not a {kind}: see its resourceType")));
    }
    if resource.get("meta").is_some_and(|meta| !meta.is_object()) {
        return Err(Failure::BadBody("meta is not an object".into()));
    }
    let ours = |url: &str| gateway.below(url).map(str::to_owned);
    let local = |url: &str| ours(url).or_else(|| gateway.upstream.local(url));
    rewrite(&mut resource, &local, &gateway.base);
    match doubtful(gateway, &resource) {
        None => Ok(resource),
        Some(reference) => {
            let reference: String = reference.chars().take(80).collect();
            let told = format!(
                "the reference {reference:?} is neither `Type/id` nor elsewhere for certain"
            );
            Err(Failure::BadBody(told))
        }
    }
}

fn media_type(request: &HttpRequest) -> &str {
    request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

async fn octets(payload: &mut Payload, most: usize) -> Result<BytesMut, Failure> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Failure::BadBody("the body was cut short".into()))?;
        if bytes.len() + chunk.len() > most {
            return Err(Failure::TooLarge(most));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

const FORM: &str = "application/x-www-form-urlencoded";
