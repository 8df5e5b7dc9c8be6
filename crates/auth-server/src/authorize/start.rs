//! A request comes in, by GET or by POST (SMART 2.2 `authorize-post`).

use actix_web::{HttpRequest, HttpResponse, web::Data};
use fireward_oauth::{
    AuthorizationId, BrowserToken, Digest,
    authorize::{Authorization, Params, PushedUri, Request, Stage, Step},
    capability::Capability,
    metadata::paths,
};
use fireward_store::{
    StoreError,
    authorizations::{Caps, Opened},
};
use fireward_web::{
    Failure, Fault, Form, Query, Visit, address::neighbourhood, redirect, wrong_method,
};

use super::{
    Flow, StepPage, answer, frame, pushed,
    read::{Asked, Unfit, read},
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
    if let Some(uri) = reference(&query.0) {
        return pushed::take_up(&app, &visit, &query.0, &uri).await;
    }
    let Asked { params, request } = match read(&app, &visit, &query.0).await? {
        Ok(asked) => asked,
        Err(unfit) => return refuse(&app, &visit, unfit),
    };
    let quiet = request.prompt.none;
    let born = born(&app, &visit, request, visit.browser.digest());
    let flow = Flow::of(&app, &visit, born).await?;
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
                let outside = frame::relaunch(&flow, &params).unwrap_or_else(here);
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
    if let Some(uri) = reference(&form.params) {
        let id = form.params.one("client_id").ok().flatten().unwrap_or_default();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("client_id", id).append_pair("request_uri", &uri.expose());
        return Ok(redirect(format!("{}?{}", app.site.path(paths::AUTHORIZE), query.finish())));
    }
    let request = match read(&app, &visit, &form.params).await? {
        Ok(asked) => asked.request,
        Err(unfit) => return refuse(&app, &visit, unfit),
    };
    let handle = BrowserToken::draw(&*app.site.entropy);
    let authorization = born(&app, &visit, request, handle.digest());
    open(&app, &authorization).await?;
    let path = app.site.path(&format!("/authorize/{}", authorization.id));
    Ok(redirect(format!("{path}?handle={}", handle.expose())))
}

/// An error that the client hears. It goes to a registered address, so we are nobody's open redirector; an
/// interstitial (D-18) is for clients that registered themselves, of which there are none.
pub(super) fn refuse(app: &App, visit: &Visit, unfit: Unfit) -> Result<HttpResponse, Failure> {
    answer::error(app, visit, (&unfit.target, &unfit.client), unfit.refused)
}

/// The pushed request that the parameters refer to.
fn reference(params: &Params) -> Option<PushedUri> {
    params.one("request_uri").ok().flatten().and_then(PushedUri::parse)
}

/// A request on its way, of the browser with this token.
pub(super) fn born(
    app: &App,
    visit: &Visit,
    request: Request,
    browser: Digest<BrowserToken>,
) -> Authorization {
    let now = app.now();
    Authorization {
        issuer: app.site.id.clone(),
        id: AuthorizationId::draw(&*app.site.entropy),
        browser,
        pushed: None,
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
    match keep(app, authorization).await? {
        Opened::Kept => Ok(()),
        Opened::Full => Err(Fault::busy(60).into()),
    }
}

pub(super) async fn keep(app: &App, authorization: &Authorization) -> Result<Opened, StoreError> {
    let store = &app.site.store;
    store.transact(async |tx| tx.authorizations().open(authorization, Caps::default()).await).await
}
