//! A request comes in, by GET or by POST (SMART 2.2 `authorize-post`).

use actix_web::{HttpRequest, HttpResponse, web::Data};
use fireward_oauth::{
    AuthorizationId, BrowserToken, ClientId, Refused,
    audit::{Event, Kind},
    authorize::{
        Authorization, Params, RedirectTarget, Rejection, Request, Stage, Step, Surroundings,
        validate,
    },
    capability::Capability,
    client::Client,
    resource_server::ResourceServer,
};
use fireward_pages::Trouble;
use fireward_store::authorizations::{Caps, Opened};
use fireward_web::{
    Failure, Fault, Form, Query, Visit, address::neighbourhood, redirect, wrong_method,
};

use super::{
    Flow, StepPage, answer,
    flow::hinted,
    frame,
    settle::{From, settle},
};
use crate::App;

/// `GET /authorize`. A HEAD hears that it is there: it makes no code, and opens nothing.
pub(crate) async fn start(
    app: Data<App>,
    visit: Visit,
    http: HttpRequest,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let request = match read(&app, &visit, &query.0).await? {
        Ok(request) => request,
        Err((target, refused)) => {
            return Ok(refuse(&app, &visit, &query.0, (&target, refused)));
        }
    };
    let quiet = request.prompt.none;
    let flow = Flow::of(&app, &visit, born(&app, &visit, request, &visit.browser)).await?;
    let step = flow.step(&app, app.now());
    if visit.only_asks() && !matches!(step, Step::Refuse(_)) {
        return Ok(HttpResponse::Ok().finish());
    }
    match step {
        Step::Approve(_) => settle(StepPage { app, visit, flow }, From::Nowhere).await,
        // Also whatever `prompt=none` would have needed a page for: nothing is written.
        Step::Refuse(refused) => answer::refused(&app, &visit, &flow, refused),
        Step::LogIn(_) | Step::PickPatient | Step::PickContext { .. } | Step::AskConsent { .. } => {
            debug_assert!(!quiet, "prompt=none never needs a page");
            if visit.framed {
                let here = || format!("{}?{}", app.site.path("/authorize"), http.query_string());
                let outside = frame::relaunch(&flow, &query.0).unwrap_or_else(here);
                return Ok(frame::new_window(&app, &visit, &flow, outside));
            }
            open(&app, &flow.authorization).await?;
            Ok(redirect(flow.path(&app, "authorize")))
        }
    }
}

/// `POST /authorize`: keeps the request and sends the browser to the hub, since a POST from another site comes
/// without our cookies (D-19). The handle lets the browser take the request over there, once.
pub(crate) async fn receive(
    app: Data<App>,
    visit: Visit,
    form: Form,
) -> Result<HttpResponse, Failure> {
    if !app.site.policy.capabilities.has(Capability::AuthorizePost) {
        return wrong_method("GET, HEAD");
    }
    let request = match read(&app, &visit, &form.params).await? {
        Ok(request) => request,
        Err((target, refused)) => {
            return Ok(refuse(&app, &visit, &form.params, (&target, refused)));
        }
    };
    let handle = BrowserToken::draw(&*app.site.entropy);
    let authorization = born(&app, &visit, request, &handle);
    open(&app, &authorization).await?;
    let path = app.site.path(&format!("/authorize/{}", authorization.id));
    Ok(redirect(format!("{path}?handle={}", handle.expose())))
}

/// A valid request, or what the client hears; what only the person may hear is a failure.
async fn read(
    app: &App,
    visit: &Visit,
    params: &Params,
) -> Result<Result<Request, Unfit>, Failure> {
    let site = &app.site;
    let id = params.one("client_id").ok().flatten().and_then(|id| ClientId::parse(id).ok());
    let client = match id {
        Some(id) => site.store.client(&site.id, &id).await?,
        None => None,
    };
    let named = |server: &ResourceServer| {
        let mut names = params.all("aud").chain(params.all("resource")).peekable();
        names.peek().is_none() || names.any(|name| server.is_named_by(name))
    };
    let servers = site.store.resource_servers_with(&site.id, named).await?;
    let capabilities = &site.policy.capabilities;
    let around = Surroundings { client: client.as_deref(), servers: &servers, capabilities };
    let client = client.as_deref();
    match validate(params, around) {
        Ok(request) => match request.id_token_hint.as_deref().map(|token| hinted(app, token)) {
            Some(Err(refused)) => {
                note(app, visit, client, &refused).map(|()| Err((request.target, refused)))
            }
            Some(Ok(_)) | None => Ok(Ok(request)),
        },
        Err(Rejection::Redirect(target, refused)) => {
            note(app, visit, client, &refused).map(|()| Err((target, refused)))
        }
        Err(Rejection::Page(refused)) => {
            note(app, visit, client, &refused)?;
            Err(page(client, &refused))
        }
    }
}

/// Writes a refusal down, whoever hears it.
fn note(
    app: &App,
    visit: &Visit,
    client: Option<&Client>,
    refused: &Refused,
) -> Result<(), Failure> {
    app.site.note(Event {
        client: client.map(|client| client.id.clone()),
        detail: refused.to_string(),
        ..visit.event(&app.site, Kind::AuthorizationRefused)
    })
}

type Unfit = (RedirectTarget, Refused);

/// The client or its redirect URI is not proven: a page, never a redirect (AL-15, R1 to R19).
fn page(client: Option<&Client>, refused: &Refused) -> Failure {
    let about_redirect = refused.description.contains("redirect_uri");
    let (trouble, parameter) = match client {
        None => (Trouble::UnknownApp, "client_id"),
        Some(_) if about_redirect => (Trouble::UnknownReturnAddress, "redirect_uri"),
        Some(_) => (Trouble::NotAllowed, "client_id"),
    };
    let app = client.map(|client| client.about.name.clone());
    let parameter = Some(parameter.to_owned());
    let mut fault = Fault { app, parameter, ..Fault::new(trouble).because(refused) };
    fault.explained.1 = client.map(|client| client.id.clone());
    fault.into()
}

/// An error that the client hears. It goes to a registered address, so we are nobody's open redirector; an
/// interstitial (D-18) is for clients that registered themselves, of which there are none.
fn refuse(
    app: &App,
    visit: &Visit,
    params: &Params,
    (target, refused): (&RedirectTarget, Refused),
) -> HttpResponse {
    let client = params.one("client_id").ok().flatten().and_then(|id| ClientId::parse(id).ok());
    answer::error(app, visit, (target, client.as_ref()), refused)
}

fn born(app: &App, visit: &Visit, request: Request, browser: &BrowserToken) -> Authorization {
    let now = app.now();
    Authorization {
        issuer: app.site.id.clone(),
        id: AuthorizationId::draw(&*app.site.entropy),
        browser: browser.digest(),
        request,
        created_at: now,
        expires_at: now.plus(app.site.policy.authorization),
        // Z4: whoever has one address of IPv6 has a /64 of them.
        address: neighbourhood(visit.address).to_string(),
        stage: Stage::open(),
    }
}

/// Keeps an open authorization, within the caps on what strangers may make us keep (Z4).
pub(super) async fn open(app: &App, authorization: &Authorization) -> Result<(), Failure> {
    let opened = app
        .site
        .store
        .transact(async |tx| tx.authorizations().open(authorization, Caps::default()).await);
    let opened = opened.await?;
    match opened {
        Opened::Kept => Ok(()),
        Opened::Full => Err(Fault::busy(60).into()),
    }
}
