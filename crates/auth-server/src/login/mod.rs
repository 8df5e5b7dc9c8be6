//! Signing in, for an authorization and for the account's own pages.

mod addresses;
mod attempt;
pub(crate) mod change;
pub(crate) mod local;
mod passwords;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::RETRY_AFTER},
    web::{Data, Path},
};
use fireward_oauth::{
    audit::Kind,
    authorize::{LoginReason, Stage, Step},
    launch::Picks,
};
use fireward_pages::{Attempt, ContinuePage, LoginPage, Returning};
use fireward_store::{StoreError, Tx};
use fireward_web::{Failure, Form, SignedIn, Visit, html, redirect, session};

pub use addresses::Addresses;
pub use passwords::{Busy, NotHashed, Passwords, hash, is_password};

use crate::{
    App,
    authorize::{Flow, about},
};
use attempt::{Outcome, attempt, sign_in};

/// `GET /login/{id}`.
pub(crate) async fn show(
    app: Data<App>,
    visit: Visit,
    id: Path<String>,
) -> Result<HttpResponse, Failure> {
    let flow = Flow::load(&app, &visit, &id).await?;
    match flow.step(&app, app.now()) {
        Step::LogIn(LoginReason::AccountChoice) => Ok(html(account_choice(&app, &visit, &flow))),
        Step::LogIn(reason) => Ok(page(&app, &visit, &flow, reason, Tried::not_yet(&flow, reason))),
        Step::PickPatient
        | Step::PickContext { .. }
        | Step::AskConsent { .. }
        | Step::Approve(_)
        | Step::Refuse(_) => Ok(redirect(flow.path(&app, "authorize"))),
    }
}

/// `POST /login/{id}`.
pub(crate) async fn submit(
    app: Data<App>,
    visit: Visit,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let flow = Flow::load(&app, &visit, &id).await?;
    let Step::LogIn(reason) = flow.step(&app, app.now()) else {
        return Ok(redirect(flow.path(&app, "authorize")));
    };
    let username = form.params.one("username").ok().flatten().unwrap_or_default().to_owned();
    let again =
        |attempt| page(&app, &visit, &flow, reason, Tried { attempt, username: username.clone() });
    let Ok(form) = form.checked(&visit, &flow.purpose()) else { return Ok(again(Attempt::Stale)) };
    let user = match attempt(&app, &visit, form.form()).await? {
        Outcome::Proven(user) => *user,
        Outcome::Not(attempt) => return Ok(again(attempt)),
    };
    let (token, session) = session::draw(&app.site, &visit, &user, app.now());
    let fresh = SignedIn { session, user };
    let signed_in = app.site.store.transact(async |tx| {
        sign_in(&app, &visit, &fresh, tx).await?;
        begin_again(&app, &flow, true, tx).await
    });
    signed_in.await?;
    let mut answer = redirect(flow.path(&app, "authorize"));
    answer.add_cookie(&session::cookie(&app.site, &token)).map_err(Failure::broken)?;
    Ok(answer)
}

/// `POST /login/{id}/continue`: whoever is signed in goes on as they are (`prompt=select_account`).
pub(crate) async fn go_on(
    app: Data<App>,
    visit: Visit,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let flow = Flow::load(&app, &visit, &id).await?;
    form.checked(&visit, &flow.purpose())?;
    if flow.step(&app, app.now()) == Step::LogIn(LoginReason::AccountChoice) {
        app.site.store.transact(async |tx| begin_again(&app, &flow, true, tx).await).await?;
    }
    Ok(redirect(flow.path(&app, "authorize")))
}

/// `POST /login/{id}/switch`: 'Not you?' ends the session, and somebody else may sign in.
pub(crate) async fn switch(
    app: Data<App>,
    visit: Visit,
    id: Path<String>,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let flow = Flow::load(&app, &visit, &id).await?;
    form.checked(&visit, &flow.purpose())?;
    let event = about(&app, &visit, &flow, Kind::LoggedOut);
    let ended = app.site.store.transact(async |tx| {
        if let Some((session, _)) = &flow.known.signed_in {
            session::end(tx, session, app.now()).await?;
            tx.audit().write(&event).await?;
        }
        begin_again(&app, &flow, false, tx).await
    });
    ended.await?;
    Ok(session::forgotten(&app.site, redirect(flow.path(&app, "authorize"))))
}

/// Forgets what somebody else may have picked, and keeps whether this person said who they are.
async fn begin_again(app: &App, flow: &Flow, confirmed: bool, tx: &Tx) -> Result<(), StoreError> {
    let id = &flow.authorization.id;
    let Some(mut kept) = tx.authorizations().find(&app.site.id, id).await? else { return Ok(()) };
    if !matches!(kept.stage, Stage::Open { .. }) {
        return Ok(());
    }
    kept.stage = Stage::Open {
        patient: None,
        picks: Picks::default(),
        account_confirmed: confirmed,
        choice: None,
    };
    tx.authorizations().update(&kept).await
}

/// What the page shows of the attempt before.
struct Tried {
    attempt: Attempt,
    username: String,
}

impl Tried {
    /// The user name to begin with: of whoever signs in again, or what the client hinted at.
    fn not_yet(flow: &Flow, reason: LoginReason) -> Self {
        let again = matches!(reason, LoginReason::Requested | LoginReason::TooOld);
        let known =
            flow.known.signed_in.as_ref().filter(|_| again).map(|(_, user)| user.username.clone());
        let username = known.or_else(|| flow.authorization.request.login_hint.clone());
        Self { attempt: Attempt::First, username: username.unwrap_or_default() }
    }
}

fn page(app: &App, visit: &Visit, flow: &Flow, reason: LoginReason, tried: Tried) -> HttpResponse {
    let again = matches!(reason, LoginReason::Requested | LoginReason::TooOld);
    let signed_in = flow.known.signed_in.as_ref();
    let known = signed_in.filter(|_| again);
    let other = signed_in.filter(|_| reason == LoginReason::OtherUser);
    let page = LoginPage {
        chrome: flow.chrome(app, visit),
        action: flow.path(app, "login"),
        app: Some(flow.client.about.name.clone()),
        username: known.map_or(tried.username, |(_, user)| user.username.clone()),
        attempt: tried.attempt,
        other: other.map(|(_, user)| user.name.clone()),
        returning: known.map(|(_, user)| Returning {
            name: user.name.clone(),
            switch_action: format!("{}/switch", flow.path(app, "login")),
        }),
    };
    after(html(page.render()), tried.attempt)
}

/// The status of a page that follows an attempt; unknown users and wrong passwords have the same (B1).
fn after(mut answer: HttpResponse, attempt: Attempt) -> HttpResponse {
    *answer.status_mut() = match attempt {
        Attempt::First => StatusCode::OK,
        Attempt::Wrong | Attempt::Missing { .. } => StatusCode::BAD_REQUEST,
        Attempt::Stale => StatusCode::FORBIDDEN,
        Attempt::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
    };
    if let Attempt::Throttled { wait_seconds } = attempt {
        answer.headers_mut().insert(RETRY_AFTER, wait_seconds.into());
    }
    answer
}

fn account_choice(app: &App, visit: &Visit, flow: &Flow) -> String {
    let user = flow.known.signed_in.as_ref().map(|(_, user)| user);
    let text = |part: Option<&String>| part.cloned().unwrap_or_default();
    let page = ContinuePage {
        chrome: flow.chrome(app, visit),
        action: format!("{}/continue", flow.path(app, "login")),
        switch_action: format!("{}/switch", flow.path(app, "login")),
        name: text(user.map(|user| &user.name)),
        username: text(user.map(|user| &user.username)),
        app: Some(flow.client.about.name.clone()),
    };
    page.render()
}
