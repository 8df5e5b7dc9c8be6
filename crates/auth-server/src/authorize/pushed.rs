//! Pushed authorization requests (RFC 9126): the client brings its request itself, and the browser a reference to it.

use actix_web::{HttpRequest, HttpResponse, http::header::CACHE_CONTROL, web::Data};
use fireward_oauth::{
    BrowserToken, Digest, ErrorCode, PushedSecret, Refused,
    authorize::{Authorization, Params, PushedUri, Rejection, Stage},
    metadata::paths,
};
use fireward_store::authorizations::Opened;
use fireward_web::{Failure, Form, Refusal, Visit, redirect};
use serde_json::json;

use super::{read, start};
use crate::{App, clients};

/// `POST /par`
pub(crate) async fn push(
    app: Data<App>,
    request: HttpRequest,
    visit: Visit,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let caller =
        clients::Caller { request: &request, visit: &visit, params: &form.params, implied: None };
    let client = clients::authenticate(&app, caller, paths::PAR).await?;
    let refuse = |refused: Refused| -> Failure {
        read::note(&app, &visit, Some(client.id()), &refused)
            .err()
            .unwrap_or_else(|| refused.into())
    };
    if form.params.all("request_uri").next().is_some() {
        return Err(refuse(invalid("request_uri cannot be pushed: push the request itself")));
    }
    let params = form.params.clone().with("client_id", client.id().as_str());
    let asked = read::judge(&app, &params, Some(client.shared()), true).await?;
    let asked = asked.map_err(|rejection| match rejection {
        Rejection::Page(refused) | Rejection::Redirect(_, refused) => refuse(refused),
    })?;
    let secret = PushedSecret::draw(&*app.site.entropy);
    let authorization =
        untaken(start::born(&app, &visit, asked.request, of_nobody(&secret)), &app, &secret);
    if start::keep(&app, &authorization).await? == Opened::Full {
        let sentence = "too many requests wait for a person: try again in a minute";
        let busy = Refused::new(ErrorCode::TemporarilyUnavailable, sentence);
        return Err(Refusal::from(busy).retry_after(60).into());
    }
    let uri = PushedUri { id: authorization.id, secret };
    let lifetime = app.site.policy.pushed.as_seconds();
    Ok(HttpResponse::Created()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(json!({ "request_uri": uri.expose(), "expires_in": lifetime })))
}

/// A pushed request that no browser has come with yet, for as long as it waits for one.
fn untaken(born: Authorization, app: &App, secret: &PushedSecret) -> Authorization {
    let expires_at = born.created_at.plus(app.site.policy.pushed);
    Authorization { pushed: Some(secret.digest()), expires_at, ..born }
}

/// What stands in the place of a browser until one comes: no browser has it.
fn of_nobody(secret: &PushedSecret) -> Digest<BrowserToken> {
    Digest::from_octets(*secret.digest().as_octets())
}

/// What a browser gets that comes with a reference.
enum Taken {
    /// The request is its own now.
    Up,
    /// It was never pushed here, or by another client.
    Unknown,
    /// It was used, or waited for too long.
    Over(Box<Authorization>),
}

/// A browser comes with a reference: what else it brings does not count (OC-12-02). It may come again until somebody has
/// decided: an app's link may be opened twice.
pub(super) async fn take_up(
    app: &App,
    visit: &Visit,
    params: &Params,
    uri: &PushedUri,
) -> Result<HttpResponse, Failure> {
    let client = read::named(app, params).await?;
    let taken = app.site.store.transact(async |tx| {
        let found = tx.authorizations().find(&app.site.id, &uri.id).await?;
        let ours = |found: &Authorization| {
            found.pushed == Some(uri.secret.digest())
                && client.as_ref().is_some_and(|client| client.id == found.request.client)
        };
        let Some(mut found) = found.filter(ours) else { return Ok(Taken::Unknown) };
        if !may_take(app, visit, uri, &found) {
            return Ok(Taken::Over(Box::new(found)));
        }
        if !visit.only_asks() {
            bind(app, visit, uri, &mut found);
            tx.authorizations().take_up(&found).await?;
        }
        Ok(Taken::Up)
    });
    let sentence = "request_uri has expired, was used, or is not of this client";
    let refused = Refused::new(ErrorCode::InvalidRequestUri, sentence);
    match (taken.await?, client) {
        (Taken::Up, _) => Ok(redirect(app.site.path(&format!("/authorize/{}", uri.id)))),
        (Taken::Over(found), Some(client)) => {
            read::note(app, visit, Some(&client.id), &refused)?;
            let target = found.request.target;
            start::refuse(app, visit, read::Unfit { target, refused, client })
        }
        (Taken::Over(_) | Taken::Unknown, client) => {
            read::note(app, visit, client.as_ref().map(|client| &client.id), &refused)?;
            Err(read::page(client.as_deref(), &refused))
        }
    }
}

fn may_take(app: &App, visit: &Visit, uri: &PushedUri, found: &Authorization) -> bool {
    let (now, policy) = (app.now(), &app.site.policy);
    let waiting = found.browser == of_nobody(&uri.secret);
    let until = if waiting { found.expires_at } else { found.created_at.plus(policy.pushed) };
    let mine = found.browser == visit.browser.digest() && now < found.expires_at;
    matches!(found.stage, Stage::Open { .. }) && (mine || now < until)
}

/// Whoever had it before may have chosen something: nothing of that is this person's choice.
fn bind(app: &App, visit: &Visit, uri: &PushedUri, found: &mut Authorization) {
    if found.browser == visit.browser.digest() {
        return;
    }
    if found.browser == of_nobody(&uri.secret) {
        found.created_at = app.now();
        found.expires_at = app.now().plus(app.site.policy.authorization);
    }
    found.browser = visit.browser.digest();
    found.stage = Stage::open();
}

fn invalid(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidRequest, sentence)
}
