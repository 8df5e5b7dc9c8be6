//! From what was sent to a valid request: by value, as a signed object, or pushed.

use std::sync::Arc;

use fireward_oauth::{
    ClientId, ErrorCode, Refused,
    audit::{Event, Kind},
    authorize::{
        Came, Params, RedirectTarget, Rejection, Repeated, Request, RequestObject, Surroundings,
        proven_target, validate,
    },
    client::{Client, KeySource, Status},
    resource_server::ResourceServer,
};
use fireward_pages::Trouble;
use fireward_web::{Failure, Fault, Visit};

use super::flow::hinted;
use crate::App;

/// A valid request, with the parameters that count.
pub(crate) struct Asked {
    pub(crate) params: Params,
    pub(crate) request: Request,
}

/// What only the client hears.
pub(super) struct Unfit {
    pub(super) target: RedirectTarget,
    pub(super) refused: Refused,
    pub(super) client: Arc<Client>,
}

/// A valid request, or what the client hears; what only the person may hear is a failure.
pub(super) async fn read(
    app: &App,
    visit: &Visit,
    params: &Params,
) -> Result<Result<Asked, Unfit>, Failure> {
    let client = named(app, params).await?;
    let rejection = match judge(app, params, client.as_ref(), false).await? {
        Ok(asked) => return Ok(Ok(asked)),
        Err(rejection) => rejection,
    };
    match (rejection, client) {
        (Rejection::Redirect(target, refused), Some(client)) => {
            note(app, visit, Some(&client.id), &refused)?;
            Ok(Err(Unfit { target, refused, client }))
        }
        (Rejection::Redirect(_, refused) | Rejection::Page(refused), client) => {
            note(app, visit, client.as_ref().map(|client| &client.id), &refused)?;
            Err(page(client.as_deref(), &refused))
        }
    }
}

/// The client that a request names.
pub(super) async fn named(app: &App, params: &Params) -> Result<Option<Arc<Client>>, Failure> {
    let id = params.one("client_id").ok().flatten().and_then(|id| ClientId::parse(id).ok());
    match id {
        Some(id) => Ok(app.site.store.client(&app.site.id, &id).await?),
        None => Ok(None),
    }
}

/// Reads and validates a request of a client, which pushed it or sent it with a browser.
pub(crate) async fn judge(
    app: &App,
    params: &Params,
    client: Option<&Arc<Client>>,
    pushed: bool,
) -> Result<Result<Asked, Rejection>, Failure> {
    let site = &app.site;
    let active = client.filter(|client| client.status == Status::Active);
    let (params, signed) = match (params.one("request").map_err(repeated), active) {
        (Ok(Some(text)), Some(client)) => match opened(app, (params, text), client).await {
            Ok(inner) => (inner, true),
            Err(refused) => return Ok(Err(at_fault(params, client, refused))),
        },
        (Err(refused), Some(client)) => return Ok(Err(at_fault(params, client, refused))),
        // Nobody's request is not opened; validation says what is wrong with it.
        (Ok(_), _) | (Err(_), None) => (params.clone(), false),
    };
    let named = |server: &ResourceServer| {
        let mut names = params.all("aud").chain(params.all("resource")).peekable();
        names.peek().is_none() || names.any(|name| server.is_named_by(name))
    };
    let servers = site.store.resource_servers_with(&site.id, named).await?;
    let around = Surroundings {
        client: client.map(Arc::as_ref),
        servers: &servers,
        capabilities: &site.policy.capabilities,
        came: Came { pushed, signed },
    };
    let request = match validate(&params, around) {
        Ok(request) => request,
        Err(rejection) => return Ok(Err(rejection)),
    };
    match request.id_token_hint.as_deref().map(|token| hinted(app, token)) {
        Some(Err(refused)) => Ok(Err(Rejection::Redirect(request.target, refused))),
        Some(Ok(_)) | None => Ok(Ok(Asked { params, request })),
    }
}

/// The parameters of a request object (RFC 9101 §6).
async fn opened(
    app: &App,
    (params, text): (&Params, &str),
    client: &Client,
) -> Result<Params, Refused> {
    if params.one("request_uri").map_err(repeated)?.is_some() {
        let sentence = "request and request_uri cannot be used together";
        return Err(Refused::new(ErrorCode::InvalidRequest, sentence));
    }
    let object = RequestObject::read(text)?;
    let keys = client.keys().ok_or_else(|| {
        let sentence = "this client has registered no keys to verify request objects with";
        Refused::new(ErrorCode::RequestNotSupported, sentence)
    })?;
    let moment = (&app.site.policy, app.now());
    let issuer = &app.site.issuer;
    match keys {
        KeySource::Inline(keys) => object.parameters(params, (client, keys), issuer, moment),
        KeySource::Url(url) => {
            let keys = app.client_keys.of(url, object.kid(), app.now()).await;
            let of_object = |refused: Refused| {
                Refused::new(ErrorCode::InvalidRequestObject, refused.description)
            };
            let keys = keys.map_err(of_object)?;
            object.parameters(params, (client, &keys), issuer, moment)
        }
    }
}

/// What is wrong before the request itself is known goes to where its sender says, if that is the client's.
fn at_fault(params: &Params, client: &Client, refused: Refused) -> Rejection {
    match proven_target(params, client) {
        Ok((target, _)) => Rejection::Redirect(target, refused),
        Err(Rejection::Redirect(..) | Rejection::Page(_)) => Rejection::Page(refused),
    }
}

/// Writes a refusal down, whoever hears it.
pub(super) fn note(
    app: &App,
    visit: &Visit,
    client: Option<&ClientId>,
    refused: &Refused,
) -> Result<(), Failure> {
    app.site.note(Event {
        client: client.cloned(),
        detail: refused.to_string(),
        ..visit.event(&app.site, Kind::AuthorizationRefused)
    })
}

/// The client or its redirect URI is not proven: a page, never a redirect (AL-15, R1 to R19).
pub(super) fn page(client: Option<&Client>, refused: &Refused) -> Failure {
    let (trouble, parameter) = match (client, refused.code) {
        (None, _) => (Trouble::UnknownApp, "client_id"),
        (Some(_), ErrorCode::InvalidRequestUri) => (Trouble::Expired, "request_uri"),
        (Some(_), ErrorCode::InvalidRequestObject | ErrorCode::RequestNotSupported) => {
            (Trouble::FaultyRequest, "request")
        }
        (Some(_), _) if refused.description.contains("redirect_uri") => {
            (Trouble::UnknownReturnAddress, "redirect_uri")
        }
        (Some(_), _) => (Trouble::NotAllowed, "client_id"),
    };
    let app = client.map(|client| client.about.name.clone());
    let parameter = Some(parameter.to_owned());
    let mut fault = Fault { app, parameter, ..Fault::new(trouble).because(refused) };
    fault.explained.1 = client.map(|client| client.id.clone());
    fault.into()
}

fn repeated(twice: Repeated) -> Refused {
    Refused::new(ErrorCode::InvalidRequest, twice.to_string())
}
