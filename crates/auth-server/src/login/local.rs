//! Signing in for the account's own pages, without an app that asked.

use actix_web::{HttpResponse, web::Data};
use fireward_pages::{Attempt, LoginPage};
use fireward_web::{
    Destination, Failure, Form, Query, SignedIn, Visit, chrome, csrf, html, redirect, session,
};

use super::{
    after,
    attempt::{Outcome, attempt, sign_in},
};
use crate::App;

/// `GET /login?for=…`.
pub(crate) async fn show(
    app: Data<App>,
    visit: Visit,
    query: Query,
) -> Result<HttpResponse, Failure> {
    let to = destination(&query);
    if session::usable_now(&app.site, &visit).await?.is_some() {
        return Ok(redirect(app.site.path(to.path())));
    }
    Ok(page(&app, &visit, to, Attempt::First, String::new()))
}

/// `POST /login?for=…`.
pub(crate) async fn submit(
    app: Data<App>,
    visit: Visit,
    query: Query,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let to = destination(&query);
    let username = form.params.one("username").ok().flatten().unwrap_or_default().to_owned();
    let form = form.checked(&visit, PURPOSE)?;
    let user = match attempt(&app, &visit, form.form()).await? {
        Outcome::Proven(user) => *user,
        Outcome::Not(attempt) => return Ok(page(&app, &visit, to, attempt, username)),
    };
    let (token, session) = session::draw(&app.site, &visit, &user, app.now());
    let fresh = SignedIn { session, user };
    app.site.store.transact(async |tx| sign_in(&app, &visit, &fresh, tx).await).await?;
    let mut answer = redirect(app.site.path(to.path()));
    answer.add_cookie(&session::cookie(&app.site, &token)).map_err(Failure::broken)?;
    Ok(answer)
}

fn destination(query: &Query) -> Destination {
    Destination::named(query.0.one("for").ok().flatten().unwrap_or_default())
}

fn page(
    app: &App,
    visit: &Visit,
    to: Destination,
    attempt: Attempt,
    username: String,
) -> HttpResponse {
    let mut chrome = chrome(&app.site, visit.language(None));
    chrome.csrf = Some(csrf::token(&visit.browser, PURPOSE));
    let action = app.site.path(&to.sign_in());
    let page =
        LoginPage { chrome, action, app: None, username, attempt, other: None, returning: None };
    after(html(page.render()), attempt)
}

const PURPOSE: &str = "login";
