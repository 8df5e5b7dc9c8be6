//! Reading what is sent, no more of it than is bearable.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{BytesMut, Payload};
use fireward_fhir::reference::relativize;
use futures_util::StreamExt;
use serde_json::Value;

use crate::failure::Failure;
use crate::negotiate::is_json;

/// Reads a resource of the type. References to this server become relative.
pub(crate) async fn resource(
    request: &HttpRequest,
    payload: &mut Payload,
    kind: &str,
    base: &str,
) -> Result<Value, Failure> {
    if !is_json(media_type(request)) {
        return Err(Failure::MediaType("application/fhir+json"));
    }
    let bytes = read(payload).await?;
    let mut resource: Value = serde_json::from_slice(&bytes)
        .map_err(|error| Failure::BadBody(format!("the body is no JSON: {error}")))?;
    let found = resource.get("resourceType").and_then(Value::as_str);
    if found != Some(kind) {
        return Err(Failure::BadBody(format!("the body is not a {kind}: see its resourceType")));
    }
    if resource.get("meta").is_some_and(|meta| !meta.is_object()) {
        return Err(Failure::BadBody("meta is not an object".into()));
    }
    relativize(&mut resource, base);
    Ok(resource)
}

/// Reads the form of a posted search.
pub(crate) async fn form(request: &HttpRequest, payload: &mut Payload) -> Result<String, Failure> {
    let essence = media_type(request).split(';').next().unwrap_or_default().trim();
    let bytes = read(payload).await?;
    if !essence.eq_ignore_ascii_case(FORM) && !bytes.is_empty() {
        return Err(Failure::MediaType(FORM));
    }
    String::from_utf8(bytes.to_vec()).map_err(|_| Failure::BadBody("the form is not text".into()))
}

/// A header as text. One that is none could mean anything.
pub(crate) fn header<'a>(request: &'a HttpRequest, name: &str) -> Result<Option<&'a str>, Failure> {
    let value = request.headers().get(name).map(|value| value.to_str());
    value.transpose().map_err(|_| Failure::BadBody(format!("the header {name} is not text")))
}

fn media_type(request: &HttpRequest) -> &str {
    request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

async fn read(payload: &mut Payload) -> Result<BytesMut, Failure> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Failure::BadBody("the body was cut short".into()))?;
        if bytes.len() + chunk.len() > LARGEST {
            return Err(Failure::TooLarge(LARGEST));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

const FORM: &str = "application/x-www-form-urlencoded";

/// The largest body that is read: 2 MiB, far above any resource of the demo.
const LARGEST: usize = 2 * 1024 * 1024;
