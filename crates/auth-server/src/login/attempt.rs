//! One attempt to sign in: throttled, checked, written down (B1, Z5, A13).

use fireward_oauth::{
    audit::{Actor, Kind},
    authorize::Params,
    people::{User, usable},
};
use fireward_pages::Attempt;
use fireward_store::{StoreError, Tx, throttle};
use fireward_web::{Failure, Fault, SignedIn, Visit, address::neighbourhood, session};

use crate::App;

/// What became of it.
pub(super) enum Outcome {
    /// They are who they say.
    Proven(Box<User>),
    /// They are not, or it was not even tried.
    Not(Attempt),
}

/// Tries the user name and password of a form.
pub(super) async fn attempt(app: &App, visit: &Visit, form: &Params) -> Result<Outcome, Failure> {
    let field = |name| form.one(name).ok().flatten().unwrap_or_default();
    let (username, password) = (field("username").trim(), field("password"));
    if username.is_empty() || password.is_empty() {
        let missing =
            Attempt::Missing { username: username.is_empty(), password: password.is_empty() };
        return Ok(Outcome::Not(missing));
    }
    prove(app, visit, (username, password)).await
}

/// Tries a user name and password. Whether the user is unknown, disabled or another looks the same and takes as long.
pub(super) async fn prove(
    app: &App,
    visit: &Visit,
    (username, password): (&str, &str),
) -> Result<Outcome, Failure> {
    if let Some(wait_seconds) = must_wait(app, visit, username).await? {
        let event = visit.event(&app.site, Kind::LoginThrottled);
        app.site.note(event)?;
        return Ok(Outcome::Not(Attempt::Throttled { wait_seconds }));
    }
    let user = app.site.store.read().users().find_by_username(&app.site.id, username).await?;
    let stored = user.as_ref().map(|user| user.password.clone());
    let fits = app.passwords.fit(password.to_owned(), stored).await;
    let fits = fits.map_err(|_busy| Fault::busy(QUEUE_SECONDS))?;
    match user {
        Some(user) if fits && usable(&user).is_ok() => Ok(Outcome::Proven(Box::new(user))),
        known => {
            app.addresses.failed(visit.address, &app.site.policy.throttle, app.now());
            let mut event = visit.event(&app.site, Kind::LoginFailed);
            // Never what was typed for an unknown user: people type passwords there.
            event.subject = known.map(|user| user.id);
            app.site.note(event)?;
            Ok(Outcome::Not(Attempt::Wrong))
        }
    }
}

/// Counts the attempt before it is made, so that many at once are no way around the limit; a success forgets them.
///
/// An account bears more failures from everywhere than from one place: a stranger who knows a user name must not shut
/// its owner out with the few that guessing is allowed.
async fn must_wait(app: &App, visit: &Visit, username: &str) -> Result<Option<u32>, Failure> {
    let (limits, now) = (&app.site.policy.throttle, app.now());
    let wait = app.addresses.wait(visit.address, limits, now);
    if wait > 0 {
        return Ok(Some(u32::try_from(wait).unwrap_or(u32::MAX)));
    }
    let window = u32::try_from(limits.window.as_seconds()).unwrap_or(u32::MAX);
    let from = from(visit, username);
    let counters = [
        (throttle::Kind::AccountFrom, from.as_str(), limits.failures),
        (throttle::Kind::Account, username, limits.failures.saturating_mul(EVERYWHERE)),
    ];
    for (kind, key, most) in counters {
        let throttle = app.site.store.read().throttle();
        if throttle.failures(&app.site.id, kind, key, now).await? >= most {
            return Ok(Some(window));
        }
    }
    let over = app.site.store.transact(async |tx| {
        let mut over = false;
        for (kind, key, most) in counters {
            let throttle = tx.throttle();
            over |= throttle.count(&app.site.id, (kind, key), now, limits.window).await? > most;
        }
        Ok(over)
    });
    Ok(over.await?.then_some(window))
}

/// An account, tried from this neighbourhood.
fn from(visit: &Visit, username: &str) -> String {
    format!("{} {username}", neighbourhood(visit.address))
}

/// Signs somebody in within a transaction: a new session, and the failures before it forgotten (L1).
pub(super) async fn sign_in(
    app: &App,
    visit: &Visit,
    fresh: &SignedIn,
    tx: &Tx,
) -> Result<(), StoreError> {
    let SignedIn { session, user } = fresh;
    let moment = (app.site.policy.session_idle, session.auth_time);
    session::begin(tx, visit, session, moment).await?;
    let from = from(visit, &user.username);
    tx.throttle().reset(&app.site.id, throttle::Kind::AccountFrom, &from).await?;
    tx.throttle().reset(&app.site.id, throttle::Kind::Account, &user.username).await?;
    let mut event = visit.event(&app.site, Kind::LoginSucceeded);
    event.actor = Actor::User(user.id.clone());
    event.subject = Some(user.id.clone());
    tx.audit().write(&event).await
}

/// How many places' failures an account bears together.
const EVERYWHERE: u32 = 10;
/// So long until there may be a place in the queue for passwords.
pub(super) const QUEUE_SECONDS: u32 = 5;
