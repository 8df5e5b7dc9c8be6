//! Signing in, for an authorization and for the account's own pages.

mod addresses;
mod attempt;
pub(crate) mod change;
pub(crate) mod local;
mod passwords;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::RETRY_AFTER},
};
use fireward_oauth::{
    audit::Kind,
    authorize::{LoginReason, Stage, Step},
    launch::Picks,
};
use fireward_pages::{Attempt, ContinuePage, LoginPage, Returning};
use fireward_store::{StoreError, Tx};
use fireward_web::{Failure, Form, SignedIn, html, session};

pub use addresses::Addresses;
pub use passwords::{Busy, NotHashed, Passwords, hash, is_password};

use crate::authorize::{Flow, StepForm, StepPage, about};
use attempt::{Outcome, attempt, sign_in};

/// `GET /login/{id}`.
pub(crate) async fn show(at: StepPage) -> Result<HttpResponse, Failure> {
    match at.step() {
        Step::LogIn(LoginReason::AccountChoice) => Ok(html(account_choice(&at))),
        Step::LogIn(reason) => Ok(page(&at, reason, Tried::not_yet(&at.flow, reason))),
        Step::PickPatient
        | Step::PickContext { .. }
        | Step::AskConsent { .. }
        | Step::Approve(_)
        | Step::Refuse(_) => Ok(at.hub()),
    }
}

/// `POST /login/{id}`.
pub(crate) async fn submit(at: StepPage, form: Form) -> Result<HttpResponse, Failure> {
    let StepPage { app, visit, flow } = &at;
    let Step::LogIn(reason) = at.step() else {
        return Ok(at.hub());
    };
    let username = form.params.one("username").ok().flatten().unwrap_or_default().to_owned();
    let again = |attempt| page(&at, reason, Tried { attempt, username: username.clone() });
    let Ok(form) = form.checked(visit, &flow.purpose()) else { return Ok(again(Attempt::Stale)) };
    let user = match attempt(app, visit, form.form()).await? {
        Outcome::Proven(user) => *user,
        Outcome::Not(attempt) => return Ok(again(attempt)),
    };
    let (token, session) = session::draw(&app.site, visit, &user, app.now());
    let fresh = SignedIn { session, user };
    let signed_in = app.site.store.transact(async |tx| {
        sign_in(app, visit, &fresh, tx).await?;
        begin_again(&at, true, tx).await
    });
    signed_in.await?;
    let mut answer = at.hub();
    answer.add_cookie(&session::cookie(&app.site, &token)).map_err(Failure::broken)?;
    Ok(answer)
}

/// `POST /login/{id}/continue`: whoever is signed in goes on as they are (`prompt=select_account`).
pub(crate) async fn go_on(StepForm { at, .. }: StepForm) -> Result<HttpResponse, Failure> {
    if at.step() == Step::LogIn(LoginReason::AccountChoice) {
        at.app.site.store.transact(async |tx| begin_again(&at, true, tx).await).await?;
    }
    Ok(at.hub())
}

/// `POST /login/{id}/switch`: 'Not you?' ends the session, and somebody else may sign in.
pub(crate) async fn switch(StepForm { at, .. }: StepForm) -> Result<HttpResponse, Failure> {
    let StepPage { app, visit, flow } = &at;
    let event = about(app, visit, flow, Kind::LoggedOut);
    let ended = app.site.store.transact(async |tx| {
        if let Some((session, _)) = &flow.known.signed_in {
            session::end(tx, session, app.now()).await?;
            tx.audit().write(&event).await?;
        }
        begin_again(&at, false, tx).await
    });
    ended.await?;
    Ok(session::forgotten(&app.site, at.hub()))
}

/// Forgets what somebody else may have picked, and keeps whether this person said who they are.
async fn begin_again(at: &StepPage, confirmed: bool, tx: &Tx) -> Result<(), StoreError> {
    let (issuer, id) = (&at.app.site.id, &at.flow.authorization.id);
    let Some(mut kept) = tx.authorizations().find(issuer, id).await? else { return Ok(()) };
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

fn page(at: &StepPage, reason: LoginReason, tried: Tried) -> HttpResponse {
    let flow = &at.flow;
    let again = matches!(reason, LoginReason::Requested | LoginReason::TooOld);
    let signed_in = flow.known.signed_in.as_ref();
    let known = signed_in.filter(|_| again);
    let other = signed_in.filter(|_| reason == LoginReason::OtherUser);
    let page = LoginPage {
        chrome: at.chrome(),
        action: at.path("login"),
        app: Some(flow.client.about.name.clone()),
        username: known.map_or(tried.username, |(_, user)| user.username.clone()),
        attempt: tried.attempt,
        other: other.map(|(_, user)| user.name.clone()),
        returning: known.map(|(_, user)| Returning {
            name: user.name.clone(),
            switch_action: at.switch_action(),
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

fn account_choice(at: &StepPage) -> String {
    let flow = &at.flow;
    let user = flow.known.signed_in.as_ref().map(|(_, user)| user);
    let text = |part: Option<&String>| part.cloned().unwrap_or_default();
    let page = ContinuePage {
        chrome: at.chrome(),
        action: format!("{}/continue", at.path("login")),
        switch_action: at.switch_action(),
        name: text(user.map(|user| &user.name)),
        username: text(user.map(|user| &user.username)),
        app: Some(flow.client.about.name.clone()),
    };
    page.render()
}
