//! Choosing a new password: the current one first, tried like a sign-in (NIST SP 800-63B §3.1.1.2).

use std::collections::BTreeSet;

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use fireward_oauth::{
    audit::Kind,
    authorize::Params,
    grants::GrantEnd,
    password::{self, Unfit},
    people::{PasswordHash, User},
};
use fireward_pages::{
    Attempt, PasswordFault, PasswordPage,
    account::{Ended, ReceiptPage},
};
use fireward_store::{StoreError, Tx};
use fireward_web::{Destination, Failure, Fault, Form, Person, SignedIn, Visit, html, session};

use super::{
    after,
    attempt::{Outcome, QUEUE_SECONDS, prove, sign_in},
};
use crate::App;

/// `GET /account/password`.
pub(crate) async fn show(app: Data<App>, visit: Visit) -> Result<HttpResponse, Failure> {
    match Person::at(&app.site, &visit, Destination::Password).await? {
        Ok(person) => Ok(html(page(&person, Vec::new(), None).render())),
        Err(sign_in) => Ok(sign_in),
    }
}

/// `POST /account/password`: every session and grant ends with the old password, and this browser gets a new session.
pub(crate) async fn submit(
    app: Data<App>,
    visit: Visit,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let person = match Person::at(&app.site, &visit, Destination::Password).await? {
        Ok(person) => person,
        Err(sign_in) => return Ok(sign_in),
    };
    let form = form.checked(&visit, &person.purpose(PURPOSE))?;
    let asked = Asked::read(form.form());
    let user = &person.signed_in.user;
    let faults = asked.faults(&user.username);
    if !faults.is_empty() {
        return Ok(again(&person, faults));
    }
    let wrong = || again(&person, vec![PasswordFault::CurrentWrong]);
    match prove(&app, &visit, (&user.username, asked.current)).await? {
        Outcome::Proven(proven) if proven.id == user.id => {
            let changed = change(&app, &person, (&proven, asked.new)).await?;
            Ok(changed.unwrap_or_else(wrong))
        }
        Outcome::Not(attempt @ Attempt::Throttled { wait_seconds }) => {
            let page = page(&person, Vec::new(), Some(wait_seconds));
            Ok(after(html(page.render()), attempt))
        }
        Outcome::Proven(_) | Outcome::Not(_) => Ok(wrong()),
    }
}

/// What was typed.
struct Asked<'a> {
    current: &'a str,
    new: &'a str,
    again: &'a str,
}

impl<'a> Asked<'a> {
    fn read(form: &'a Params) -> Self {
        let field = |name| form.one(name).ok().flatten().unwrap_or_default();
        Self { current: field("current"), new: field("new"), again: field("again") }
    }

    /// What is wrong with it, as far as can be told without checking the current password.
    fn faults(&self, username: &str) -> Vec<PasswordFault> {
        let missing = self.current.is_empty().then_some(PasswordFault::CurrentMissing);
        let unfit = match password::check(self.new, username) {
            Err(Unfit::Short) => Some(PasswordFault::Short),
            Err(Unfit::Long) => Some(PasswordFault::Long),
            Err(Unfit::UserName) => Some(PasswordFault::UserName),
            Err(Unfit::Common) => Some(PasswordFault::Common),
            Ok(()) => (self.new == self.current).then_some(PasswordFault::Same),
        };
        let unequal = (unfit.is_none() && self.again != self.new).then_some(PasswordFault::Unequal);
        missing.into_iter().chain(unfit).chain(unequal).collect()
    }
}

/// The receipt; none when the password was changed by another meanwhile.
async fn change(
    app: &App,
    person: &Person<'_>,
    (proven, new): (&User, &str),
) -> Result<Option<HttpResponse>, Failure> {
    let (site, visit) = (&app.site, person.visit);
    let others = person.sessions().await?.len().saturating_sub(1);
    let hashed = app.passwords.hash(new.to_owned(), &*site.entropy).await;
    let hashed = hashed.map_err(|_busy| Fault::busy(QUEUE_SECONDS))?;
    let password = hashed.map_err(Failure::broken)?;
    let (token, session) = session::draw(site, visit, proven, app.now());
    let fresh = SignedIn { session, user: proven.clone() };
    let done = site.store.transact(async |tx| settle(app, person, (&fresh, &password), tx).await);
    let Some(apps) = done.await? else { return Ok(None) };
    let receipt = ReceiptPage {
        chrome: person.chrome("receipt"),
        nav: Some(person.nav()),
        ended: Ended::Password { sessions: others, apps },
        bound_seconds: person.bound_seconds(),
        request_id: visit.request.as_str().to_owned(),
        sign_in_href: None,
        password_href: None,
    };
    let mut answer = html(receipt.render());
    answer.add_cookie(&session::cookie(site, &token)).map_err(Failure::broken)?;
    Ok(Some(answer))
}

/// How many apps were disconnected; none when the password is no longer the one that was checked.
async fn settle(
    app: &App,
    person: &Person<'_>,
    (fresh, password): (&SignedIn, &PasswordHash),
    tx: &Tx,
) -> Result<Option<usize>, StoreError> {
    let (issuer, id, now) = (&app.site.id, &fresh.user.id, fresh.session.auth_time);
    let kept = tx.users().find(issuer, id).await?;
    let Some(kept) = kept.filter(|kept| kept.password == fresh.user.password) else {
        return Ok(None);
    };
    let password = password.clone();
    let user = User { password, password_changed_at: now, updated_at: now, ..kept };
    tx.users().save(&user).await?;
    let grants = tx.grants().list_live_for_user(issuer, id, now).await?;
    let remembered = tx.consents().list_live_for_user(issuer, id, now).await?;
    let apps = grants.iter().map(|grant| &grant.client);
    let apps: BTreeSet<_> = apps.chain(remembered.iter().map(|consent| &consent.client)).collect();
    tx.grants().end_all_for_user(issuer, id, GrantEnd::Withdrawn(now)).await?;
    tx.consents().remove_all(issuer, id).await?;
    tx.sessions().end_all_for_user(issuer, id).await?;
    tx.audit().write(&person.event(Kind::PasswordChanged)).await?;
    sign_in(app, person.visit, &SignedIn { session: fresh.session.clone(), user }, tx).await?;
    Ok(Some(apps.len()))
}

fn again(person: &Person<'_>, faults: Vec<PasswordFault>) -> HttpResponse {
    let mut answer = html(page(person, faults, None).render());
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer
}

fn page(
    person: &Person<'_>,
    faults: Vec<PasswordFault>,
    wait_seconds: Option<u32>,
) -> PasswordPage {
    PasswordPage {
        chrome: person.chrome(PURPOSE),
        nav: person.nav(),
        action: person.site.path(Destination::Password.path()),
        username: person.signed_in.user.username.clone(),
        shortest: password::SHORTEST,
        faults,
        wait_seconds,
    }
}

const PURPOSE: &str = "password";
