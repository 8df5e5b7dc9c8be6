//! Sending the browser back to the client, by the one maker of redirects.

use actix_web::HttpResponse;
use fireward_oauth::{
    ClientId, Refused,
    audit::{Actor, Event, Kind},
    authorize::{Answer, RedirectTarget, location},
};
use fireward_web::{Failure, Visit, redirect};

use super::Flow;
use crate::App;

/// 303 to the client.
pub(super) fn to_client(app: &App, target: &RedirectTarget, answer: &Answer) -> HttpResponse {
    redirect(location(target, answer, &app.site.issuer))
}

/// 303 to the client with an error, and with where it is explained.
pub(super) fn error(
    app: &App,
    visit: &Visit,
    (target, client): (&RedirectTarget, Option<&ClientId>),
    refused: Refused,
) -> HttpResponse {
    let explained = app.site.explain(visit, client, &refused);
    to_client(app, target, &Answer::Refused(refused, explained))
}

/// An error for the client, of a request that nothing was kept of.
pub(super) fn refused(
    app: &App,
    visit: &Visit,
    flow: &Flow,
    refused: Refused,
) -> Result<HttpResponse, Failure> {
    let mut event = about(app, visit, flow, Kind::AuthorizationRefused);
    event.detail = refused.to_string();
    app.site.note(event)?;
    let target = &flow.authorization.request.target;
    Ok(error(app, visit, (target, Some(&flow.client.id)), refused))
}

/// An entry for the audit log about an authorization.
pub(crate) fn about(app: &App, visit: &Visit, flow: &Flow, kind: Kind) -> Event {
    let mut event = visit.event(&app.site, kind);
    event.client = Some(flow.client.id.clone());
    if let Some((_, user)) = &flow.known.signed_in {
        event.actor = Actor::User(user.id.clone());
        event.subject = Some(user.id.clone());
    }
    event
}
