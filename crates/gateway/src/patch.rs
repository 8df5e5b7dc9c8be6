//! Patches are done here: the server behind is sent the whole resource that comes out, for the version that was patched.
//! So the resulting state is judged before it exists (D-40).

use actix_web::HttpRequest;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Payload;
use fireward_fhir::patch::{BadPatch, Patch};
use fireward_fhir::{Interaction, NotUnderstood};
use serde_json::Value;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::gateway::Gateway;
use crate::serve::Asked;
use crate::write::{self, Current};
use crate::{body, conditional};

/// Reads a patch by its media type.
pub(crate) async fn sent(
    gateway: &Gateway,
    request: &HttpRequest,
    payload: &mut Payload,
) -> Result<Patch, Failure> {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json-patch+json") {
        let value = body::any(gateway, payload).await?;
        return Patch::json(&value).map_err(Failure::from);
    }
    let value = body::value(gateway, request, payload).await?;
    Patch::parameters(&value).map_err(Failure::from)
}

/// `PATCH /Type/id` and `PATCH /Type?…`
pub(crate) async fn patch(
    asked: &Asked<'_>,
    interaction: &Interaction,
    patch: Patch,
) -> Result<Answer, Failure> {
    let (kind, id) = if let Interaction::Patch { kind, id } = interaction {
        (*kind, id.clone())
    } else if let Interaction::ConditionalPatch(wanted) = interaction {
        let found = conditional::find(asked, wanted).await?;
        let found = found.ok_or(Failure::Missing)?;
        (wanted.kind, found.id().unwrap_or_default().to_owned())
    } else {
        return Err(NotUnderstood::Method.into());
    };
    let (patched, current) = patched(asked, (kind, &id), &patch).await?;
    write::put(asked, (kind, &id), patched, &current).await
}

/// An entry of a bundle holds its patch as `Parameters`.
pub(crate) async fn of_entry(
    asked: &Asked<'_>,
    interaction: &Interaction,
    sent: Option<Value>,
) -> Result<Answer, Failure> {
    patch(asked, interaction, Patch::parameters(&sent.unwrap_or_default())?).await
}

/// The resource as it would be, with what it was.
pub(crate) async fn patched(
    asked: &Asked<'_>,
    (kind, id): (&'static str, &str),
    patch: &Patch,
) -> Result<(Value, Current), Failure> {
    let current = write::current(asked, (kind, id)).await?;
    let Current::There(stored) = &current else { return Err(Failure::Missing) };
    let patched =
        patch.apply(&stored.resource.value).map_err(|why| Failure::Unfit(why.to_string()))?;
    let mut patched = body::resource(asked.gateway, Some(patched), kind)?;
    write::may_be_written(asked, kind, &mut patched)?;
    Ok((patched, current))
}

impl From<BadPatch> for Failure {
    fn from(bad: BadPatch) -> Self {
        Self::BadBody(bad.to_string())
    }
}
