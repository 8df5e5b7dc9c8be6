//! Launches that EHRs prepare (AL-9, AL-10, M2): an app and what it shall learn, for a handle to open it with.

mod ask;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
    web::{Data, Payload},
};
use fireward_oauth::{
    ClientId, ErrorCode, LaunchHandle, Refused,
    audit::{Actor, Event, Kind},
    capability::Capability,
    client::{Client, Status},
    launch::Launch,
    resource_server::ResourceServer,
    token::LAUNCH_CONTEXTS_SCOPE,
};
use fireward_scopes::Scope;
use fireward_web::{Failure, MOST_OCTETS, Refusal, Visit};
use serde_json::json;
use url::form_urlencoded;

use self::ask::Ask;
use crate::{App, styles::style_url, token::bearer};

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
    let ask = read(&request, body).await?;
    let client = client(&app, &ask).await?;
    let servers = app.site.store.resource_servers(&app.site.id).await?;
    let server = servers.iter().find(|server| server.is_named_by(&ask.aud));
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
        context: ask.context(|| style_url(&app))?,
        created_by: ehr,
        created_at: now,
        expires_at: now.plus(lifetime),
        claimed_by: None,
    };
    let event = created(&app, &launch, &visit);
    let done = app.site.store.transact(async |tx| {
        tx.launches().insert(&launch).await?;
        tx.audit().write(&event).await
    });
    done.await?;
    let mut answer = json!({ "launch": handle.expose(), "expires_in": lifetime.as_seconds() });
    if let (Some(members), Some(url)) =
        (answer.as_object_mut(), launch_url(&client, server, handle.expose()))
    {
        members.insert("launch_url".to_owned(), url.into());
    }
    Ok(HttpResponse::Created().json(answer))
}

async fn read(request: &HttpRequest, body: Payload) -> Result<Ask, Failure> {
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(invalid("the content type must be application/json").into());
    }
    let too_large = |_| {
        let refused = invalid("the body has more than 64 KiB");
        Refusal::from(refused).status(StatusCode::PAYLOAD_TOO_LARGE)
    };
    let body = body.to_bytes_limited(MOST_OCTETS).await.map_err(too_large)?;
    let body = body.map_err(|_| invalid("the body did not arrive whole"))?;
    Ok(Ask::parse(&body)?)
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

/// The app's first launch URL, its own query kept as it is (AL-9).
pub(crate) fn launch_url(client: &Client, server: &ResourceServer, handle: &str) -> Option<String> {
    let registered = client.launch_uris.first()?;
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("iss", &server.base_url)
        .append_pair("launch", handle)
        .finish();
    let joint = match registered.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    Some(format!("{registered}{joint}{query}"))
}

fn created(app: &App, launch: &Launch, visit: &Visit) -> Event {
    Event {
        actor: Actor::Client(launch.created_by.clone()),
        client: Some(launch.client.clone()),
        patient: launch.context.patient.clone(),
        detail: launch.user.clone().unwrap_or_default(),
        ..visit.event(&app.site, Kind::LaunchCreated)
    }
}

fn invalid(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidRequest, sentence)
}
