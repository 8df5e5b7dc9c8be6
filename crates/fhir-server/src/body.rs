//! Reading what is sent, no more of it than is bearable.

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{BytesMut, Payload};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fireward_fhir::patch::Patch;
use fireward_fhir::reference::relativize;
use fireward_fhir::{Interaction, structure};
use futures_util::StreamExt;
use serde_json::Value;

use crate::failure::Failure;
use crate::negotiate::is_json;

/// What was sent with an interaction.
#[derive(Debug)]
pub(crate) enum Content {
    Nothing,
    /// A resource, judged, whose references to this server are relative.
    Resource(Value),
    Patch(Patch),
}

/// Reads what an interaction needs.
pub(crate) async fn content(
    interaction: &Interaction,
    request: &HttpRequest,
    payload: &mut Payload,
    base: &str,
) -> Result<Content, Failure> {
    match interaction {
        Interaction::Create { .. }
        | Interaction::ConditionalCreate(_)
        | Interaction::Update { .. }
        | Interaction::ConditionalUpdate(_) => {
            let resource = json(request, payload, LARGEST).await?;
            content_of(interaction, Some(&resource), base)
        }
        Interaction::Patch { .. } | Interaction::ConditionalPatch(_) => {
            let media_type = media_type(request).split(';').next().unwrap_or_default().trim();
            if media_type.eq_ignore_ascii_case(JSON_PATCH) {
                let patch = parsed(&read(payload, LARGEST).await?)?;
                return Ok(Content::Patch(Patch::json(&patch)?));
            }
            if !is_json(media_type) {
                let both = "application/json-patch+json, or Parameters as application/fhir+json";
                return Err(Failure::MediaType(both));
            }
            let parameters = json(request, payload, LARGEST).await?;
            content_of(interaction, Some(&parameters), base)
        }
        Interaction::Capabilities
        | Interaction::Read { .. }
        | Interaction::VersionRead { .. }
        | Interaction::History { .. }
        | Interaction::TypeHistory { .. }
        | Interaction::SystemHistory { .. }
        | Interaction::Search(_)
        | Interaction::Delete { .. }
        | Interaction::ConditionalDelete(_)
        | Interaction::Bundle
        | Interaction::Everything(_)
        | Interaction::Validate { .. } => Ok(Content::Nothing),
    }
}

/// What an interaction needs, from the resource that was sent for it.
pub(crate) fn content_of(
    interaction: &Interaction,
    sent: Option<&Value>,
    base: &str,
) -> Result<Content, Failure> {
    let Some(sent) = sent else { return Ok(Content::Nothing) };
    match interaction {
        Interaction::Create { .. }
        | Interaction::ConditionalCreate(_)
        | Interaction::Update { .. }
        | Interaction::ConditionalUpdate(_) => {
            let kind = interaction.kind().unwrap_or_default();
            judged(sent, kind, base).map(Content::Resource)
        }
        Interaction::Patch { .. } | Interaction::ConditionalPatch(_) => patch_of(sent),
        Interaction::Capabilities
        | Interaction::Read { .. }
        | Interaction::VersionRead { .. }
        | Interaction::History { .. }
        | Interaction::TypeHistory { .. }
        | Interaction::SystemHistory { .. }
        | Interaction::Search(_)
        | Interaction::Delete { .. }
        | Interaction::ConditionalDelete(_)
        | Interaction::Bundle
        | Interaction::Everything(_)
        | Interaction::Validate { .. } => Ok(Content::Nothing),
    }
}

/// Reads a resource of the type.
pub(crate) async fn resource(
    request: &HttpRequest,
    payload: &mut Payload,
    kind: &str,
    base: &str,
) -> Result<Value, Failure> {
    judged(&json(request, payload, LARGEST).await?, kind, base)
}

/// A resource of the type, built as R4 says. References to this server become relative.
fn judged(sent: &Value, kind: &str, base: &str) -> Result<Value, Failure> {
    let issues = structure::issues(kind, sent);
    if !issues.is_empty() {
        return Err(Failure::Malformed(issues));
    }
    let mut resource = sent.clone();
    relativize(&mut resource, base);
    Ok(resource)
}

/// A patch as a resource: Parameters, or a Binary that holds a JSON Patch (FHIR R4 http.html#patch).
fn patch_of(sent: &Value) -> Result<Content, Failure> {
    let text = |name: &str| sent.get(name).and_then(Value::as_str);
    if text("resourceType") != Some("Binary") {
        return Ok(Content::Patch(Patch::parameters(sent)?));
    }
    if text("contentType") != Some(JSON_PATCH) {
        return Err(Failure::MediaType(JSON_PATCH));
    }
    let data = text("data").and_then(|data| STANDARD.decode(data).ok());
    let data = data.ok_or_else(|| Failure::BadBody("the Binary has no data".to_owned()))?;
    Ok(Content::Patch(Patch::json(&parsed(&data)?)?))
}

/// Reads a bundle, which may be larger than any resource.
pub(crate) async fn bundle(request: &HttpRequest, payload: &mut Payload) -> Result<Value, Failure> {
    json(request, payload, LARGEST_BUNDLE).await
}

/// Reads a resource that is judged by whoever asked for it.
pub(crate) async fn unjudged(
    request: &HttpRequest,
    payload: &mut Payload,
) -> Result<Value, Failure> {
    json(request, payload, LARGEST).await
}

async fn json(
    request: &HttpRequest,
    payload: &mut Payload,
    largest: usize,
) -> Result<Value, Failure> {
    if !is_json(media_type(request)) {
        return Err(Failure::MediaType("application/fhir+json"));
    }
    parsed(&read(payload, largest).await?)
}

fn parsed(bytes: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(bytes)
        .map_err(|error| Failure::BadBody(format!("the body is no JSON: {error}")))
}

/// Reads the form of a posted search.
pub(crate) async fn form(request: &HttpRequest, payload: &mut Payload) -> Result<String, Failure> {
    let essence = media_type(request).split(';').next().unwrap_or_default().trim();
    let bytes = read(payload, LARGEST).await?;
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

async fn read(payload: &mut Payload, largest: usize) -> Result<BytesMut, Failure> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Failure::BadBody("the body was cut short".into()))?;
        if bytes.len() + chunk.len() > largest {
            return Err(Failure::TooLarge(largest));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

const JSON_PATCH: &str = "application/json-patch+json";

const FORM: &str = "application/x-www-form-urlencoded";

/// The largest body that is read: 2 MiB, far above any resource of the demo.
const LARGEST: usize = 2 * 1024 * 1024;

/// The largest bundle: 8 MiB.
const LARGEST_BUNDLE: usize = 8 * 1024 * 1024;
