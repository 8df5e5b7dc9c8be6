//! Signing out (`OpenID` Connect RP-Initiated Logout 1.0): the person is always asked, whatever the app brings as a
//! hint, and the way back is an address that the client registered, or none (R16, OC-8-01).

mod ask;

use actix_web::{HttpResponse, web::Data};
use fireward_oauth::{
    audit::{Actor, Kind},
    authorize::Params,
};
use fireward_pages::{LoggedOutPage, LogoutPage};
use fireward_web::{
    Destination, Failure, Form, Query, SignedIn, Visit, chrome, csrf, html, redirect, session,
};

use crate::App;
use ask::Ask;

/// `GET /logout`.
pub(crate) async fn show(
    app: Data<App>,
    visit: Visit,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let ask = Ask::read(&app, &query.0).await?;
    let somebody = session::current(&app.site, &visit).await?;
    if somebody.is_none() {
        return Ok(after(&app, &visit, &ask));
    }
    Ok(html(confirm(&app, &visit, somebody.as_ref(), &ask)))
}

/// `POST /logout`: our own confirmation, or a request from an app, which cannot bring our cookies and is sent on to
/// be asked about.
pub(crate) async fn submit(
    app: Data<App>,
    visit: Visit,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let ask = Ask::read(&app, &form.params).await?;
    let ours = form.params.one(csrf::FIELD).is_ok_and(|token| token.is_some());
    if !ours {
        return Ok(redirect(format!("{}?{}", app.site.path("/logout"), ask.query())));
    }
    form.checked(&visit, PURPOSE)?;
    let somebody = session::current(&app.site, &visit).await?;
    if let Some(somebody) = &somebody {
        leave(&app, &visit, somebody, &ask).await?;
    }
    Ok(session::forgotten(&app.site, after(&app, &visit, &ask)))
}

/// Ends the session and what hangs on it (OC-8-02).
async fn leave(app: &App, visit: &Visit, somebody: &SignedIn, ask: &Ask) -> Result<(), Failure> {
    let SignedIn { session, user } = somebody;
    let mut event = visit.event(&app.site, Kind::LoggedOut);
    event.actor = Actor::User(user.id.clone());
    event.subject = Some(user.id.clone());
    event.client = ask.client_id();
    let ended = app.site.store.transact(async |tx| {
        session::end(tx, session, app.now()).await?;
        tx.audit().write(&event).await
    });
    Ok(ended.await?)
}

/// Back to the app, if it said a proven address; else our own farewell.
fn after(app: &App, visit: &Visit, ask: &Ask) -> HttpResponse {
    if let Some(back) = ask.back() {
        return redirect(back);
    }
    let page = LoggedOutPage {
        chrome: chrome(&app.site, visit.language(None)),
        back: None,
        sign_in_href: Some(app.site.path(&Destination::Account.sign_in())),
    };
    html(page.render())
}

fn confirm(app: &App, visit: &Visit, somebody: Option<&SignedIn>, ask: &Ask) -> String {
    let mut chrome = chrome(&app.site, visit.language(None));
    chrome.csrf = Some(csrf::token(&visit.browser, PURPOSE));
    chrome.signed_in_as = somebody.map(|somebody| somebody.user.name.clone());
    let page = LogoutPage {
        chrome,
        action: app.site.path("/logout"),
        hidden: ask.hidden(),
        app: ask.app_name(),
        stay_href: Some(app.site.path(Destination::Account.path())),
    };
    page.render()
}

const PURPOSE: &str = "logout";

/// The parameters that a confirmation carries along.
const CARRIED: [&str; 4] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];

fn carried(params: &Params) -> Vec<(String, String)> {
    let value =
        |name: &'static str| Some((name.to_owned(), params.one(name).ok().flatten()?.to_owned()));
    CARRIED.into_iter().filter_map(value).collect()
}
