//! What has become of a launch, and taking it back, for the EHR that prepared it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use fireward_jose::b64;
use fireward_oauth::{
    ClientId, Digest, ErrorCode, LaunchHandle, Refused, audit::Kind, launch::Launch,
    token::LAUNCH_CONTEXTS_SCOPE,
};
use fireward_web::{Failure, Refusal, Visit};
use serde_json::{Map, Value};

use super::{about, id_of};
use crate::{App, token::bearer};

/// `GET /launch-contexts/{id}`
pub(crate) async fn show(
    app: Data<App>,
    request: HttpRequest,
    id: Path<String>,
) -> Result<HttpResponse, Failure> {
    let ehr = bearer::for_itself(&app, &request, LAUNCH_CONTEXTS_SCOPE).await?;
    let launch = find(&app, &ehr, &id).await?.ok_or_else(unknown)?;
    let servers = app.site.store.resource_servers(&app.site.id).await?;
    let server = servers.iter().find(|server| server.id == launch.resource_server);
    let left = launch.expires_at.since(app.now()).as_seconds();
    let mut members = launch.context.members();
    let mut say = |name: &str, value: Value| members.insert(name.to_owned(), value);
    say("id", id_of(&launch.digest).into());
    say("client_id", launch.client.as_str().into());
    say("status", status(&app, &launch).into());
    say("expires_in", left.into());
    let told = [
        ("aud", server.map(|server| server.base_url.clone())),
        ("user", launch.user.clone()),
        ("launch_url", launch.launch_url.clone()),
    ];
    for (name, text) in told {
        text.and_then(|text| say(name, text.into()));
    }
    Ok(HttpResponse::Ok().json(members as Map<String, Value>))
}

/// `DELETE /launch-contexts/{id}`: the chart was closed before the app was opened.
pub(crate) async fn withdraw(
    app: Data<App>,
    request: HttpRequest,
    visit: Visit,
    id: Path<String>,
) -> Result<HttpResponse, Failure> {
    let ehr = bearer::for_itself(&app, &request, LAUNCH_CONTEXTS_SCOPE).await?;
    let launch = find(&app, &ehr, &id).await?.ok_or_else(unknown)?;
    let event = about(&app, &launch, &visit, Kind::LaunchWithdrawn);
    let withdrawn = app.site.store.transact(async |tx| {
        let withdrawn = tx.launches().withdraw(&launch.issuer, &launch.digest, &ehr).await?;
        if withdrawn {
            tx.audit().write(&event).await?;
        }
        Ok(withdrawn)
    });
    if withdrawn.await? {
        return Ok(HttpResponse::NoContent().finish());
    }
    let refused = Refused::new(
        ErrorCode::InvalidRequest,
        "the launch was used: what the app was granted ends with its session or at its revocation",
    );
    Err(Refusal::from(refused).status(StatusCode::CONFLICT).into())
}

/// A launch of this EHR: another's is as unknown as one that never was.
async fn find(app: &App, ehr: &ClientId, id: &str) -> Result<Option<Launch>, Failure> {
    let octets = b64::decode(id).ok().and_then(|octets| <[u8; 32]>::try_from(octets).ok());
    let Some(octets) = octets else { return Ok(None) };
    let digest = Digest::<LaunchHandle>::from_octets(octets);
    let launch = app.site.store.read().launches().find(&app.site.id, &digest).await?;
    Ok(launch.filter(|launch| launch.created_by == *ehr))
}

fn status(app: &App, launch: &Launch) -> &'static str {
    if launch.claimed_by.is_some() {
        "used"
    } else if app.now() < launch.expires_at {
        "waiting"
    } else {
        "expired"
    }
}

fn unknown() -> Failure {
    let refused = Refused::new(
        ErrorCode::InvalidRequest,
        "this client has no such launch: it was withdrawn, expired a while ago, or never was",
    );
    Refusal::from(refused).status(StatusCode::NOT_FOUND).into()
}
