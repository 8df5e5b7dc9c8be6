//! Launches that EHRs prepare (AL-9, AL-10, M2): an app and what it shall learn, for a handle to open it with.

mod ask;
mod one;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::LOCATION},
    web::{Data, Payload},
};
use fireward_jose::b64;
use fireward_oauth::{
    ClientId, Digest, ErrorCode, LaunchHandle, Refused,
    audit::{Actor, Event, Kind},
    capability::Capability,
    client::{Client, Status},
    launch::{Launch, url_with},
    metadata::paths,
    resource_server::ResourceServer,
    token::LAUNCH_CONTEXTS_SCOPE,
};
use fireward_scopes::Scope;
use fireward_web::{Failure, Refusal, Visit};
use serde_json::json;

pub(crate) use self::{
    ask::Ask,
    one::{show, withdraw},
};
use crate::{App, extract, styles::style_url, token::bearer};

/// So many launches of one EHR may wait to be used: a large hospital has a few dozen.
const MOST_WAITING: u64 = 1_000;

/// `POST /launch-contexts`
pub(crate) async fn prepare(
    app: Data<App>,
    request: HttpRequest,
    visit: Visit,
    body: Payload,
) -> Result<HttpResponse, Failure> {
    if !app.site.policy.capabilities.has(Capability::LaunchEhr) {
        let sentence = format!("this server has turned {} off", Capability::LaunchEhr);
        let refused = Refused::new(ErrorCode::AccessDenied, sentence);
        return Err(Refusal::from(refused).status(StatusCode::FORBIDDEN).into());
    }
    // First: of whoever may not prepare launches, no body is read (Z1).
    let ehr = bearer::for_itself(&app, &request, LAUNCH_CONTEXTS_SCOPE).await?;
    let ask = Ask::parse(&extract::json(&request, body).await?)?;
    let client = client(&app, &ask).await?;
    let named = |server: &ResourceServer| server.is_named_by(&ask.aud);
    let servers = app.site.store.resource_servers_with(&app.site.id, named).await?;
    let server = servers.iter().find(|server| named(server));
    let server = server
        .ok_or_else(|| invalid("aud must be the base URL of a FHIR server of this issuer"))?;
    let lifetime = ask.lifetime(app.site.policy.launch)?;
    let handle = LaunchHandle::draw(app.site.entropy.as_ref());
    let now = app.now();
    let launch = Launch {
        issuer: app.site.id.clone(),
        digest: handle.digest(),
        client: client.id.clone(),
        resource_server: server.id.clone(),
        user: ask.user()?,
        launch_url: ask.launch_url(&client)?,
        context: ask.context(&app.site.issuer, || style_url(&app))?,
        created_by: ehr,
        created_at: now,
        expires_at: now.plus(lifetime),
        claimed_by: None,
    };
    if !keep(&app, &launch, &visit).await? {
        return Err(too_many());
    }
    Ok(prepared(&app, &launch, server, &handle))
}

/// Writes the launch down, unless the EHR has too many that wait already.
async fn keep(app: &App, launch: &Launch, visit: &Visit) -> Result<bool, Failure> {
    let event = about(app, launch, visit, Kind::LaunchCreated);
    let kept = app.site.store.transact(async |tx| {
        let launches = tx.launches();
        let now = launch.created_at;
        if launches.waiting(&launch.issuer, &launch.created_by, now).await? >= MOST_WAITING {
            return Ok(false);
        }
        launches.insert(launch).await?;
        tx.audit().write(&event).await?;
        Ok(true)
    });
    Ok(kept.await?)
}

fn too_many() -> Failure {
    let refused = Refused::new(
        ErrorCode::TemporarilyUnavailable,
        format!(
            "{MOST_WAITING} launches of this client wait to be used: withdraw some by DELETE, or \
             let them expire"
        ),
    );
    Refusal::from(refused).status(StatusCode::TOO_MANY_REQUESTS).retry_after(60).into()
}

fn prepared(
    app: &App,
    launch: &Launch,
    server: &ResourceServer,
    handle: &LaunchHandle,
) -> HttpResponse {
    let id = id_of(&launch.digest);
    let at = app.site.issuer.endpoint(&format!("{}/{id}", paths::LAUNCH_CONTEXTS));
    let mut answer = json!({
        "id": id, "launch": handle.expose(),
        "expires_in": launch.expires_at.since(launch.created_at).as_seconds(),
    });
    if let (Some(members), Some(url)) = (answer.as_object_mut(), &launch.launch_url) {
        let url = url_with(url, &server.base_url, handle.expose());
        members.insert("launch_url".to_owned(), url.into());
    }
    HttpResponse::Created().insert_header((LOCATION, at)).json(answer)
}

/// What an EHR names a launch by when it asks about it: of no use to an app, unlike the handle.
fn id_of(digest: &Digest<LaunchHandle>) -> String {
    b64::encode(digest.as_octets())
}

/// The app, if it may be launched.
async fn client(app: &App, ask: &Ask) -> Result<Client, Failure> {
    let id = ClientId::parse(&ask.client_id).map_err(|_| invalid("client_id is not one"))?;
    let client = app.site.store.client(&app.site.id, &id).await?;
    let client = client.filter(|client| client.status == Status::Active);
    let client = client.ok_or_else(|| invalid("client_id names no app that is registered here"))?;
    if client.scopes.contains(&Scope::Launch) {
        return Ok((*client).clone());
    }
    Err(invalid("the app is not registered for the scope launch, which an EHR launch needs").into())
}

/// An entry for the audit log about a launch, by its EHR.
fn about(app: &App, launch: &Launch, visit: &Visit, kind: Kind) -> Event {
    Event {
        actor: Actor::Client(launch.created_by.clone()),
        client: Some(launch.client.clone()),
        patient: launch.context.patient.clone(),
        detail: launch.user.clone().unwrap_or_default(),
        ..visit.event(&app.site, kind)
    }
}

fn invalid(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidRequest, sentence)
}
