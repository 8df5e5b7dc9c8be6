//! Sending the browser back to the client, by the one maker of answers.

use actix_web::HttpResponse;
use fireward_oauth::{
    Refused,
    audit::{Actor, Event, Kind},
    authorize::{Answer, Delivery, RedirectTarget, deliver, members, signed_claims},
    client::Client,
};
use fireward_pages::FormPostPage;
use fireward_web::{Failure, Visit, chrome, frameable, redirect};

use super::Flow;
use crate::{App, token::mint::sign};

/// Sends the browser to the client, in the way that the request asked for.
pub(super) fn to_client(
    app: &App,
    visit: &Visit,
    (target, client): (&RedirectTarget, &Client),
    answer: &Answer,
) -> Result<HttpResponse, Failure> {
    let issuer = &app.site.issuer;
    let mut members = members(target, answer, issuer);
    if target.mode().is_signed() {
        let claims = signed_claims(members, issuer, &client.id, app.now());
        members = vec![("response", sign(app, client.answer_alg(), "JWT", &claims)?)];
    }
    Ok(match deliver(target, members) {
        Delivery::Redirect(location) => redirect(location),
        Delivery::Form { action, fields } => {
            let chrome = chrome(&app.site, visit.language(None));
            let app = client.about.name.clone();
            frameable(FormPostPage { chrome, app, action, fields }.render())
        }
    })
}

/// Sends the browser to the client with an error, and with where it is explained.
pub(super) fn error(
    app: &App,
    visit: &Visit,
    (target, client): (&RedirectTarget, &Client),
    refused: Refused,
) -> Result<HttpResponse, Failure> {
    let explained = app.site.explain(visit, Some(&client.id), &refused);
    to_client(app, visit, (target, client), &Answer::Refused(refused, explained))
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
    error(app, visit, (target, &flow.client), refused)
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
