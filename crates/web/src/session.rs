//! Who is signed in in a browser (L1): read from its cookie, made anew at each sign-in, ended with what hangs on it.

use actix_web::{HttpResponse, cookie::Cookie};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use fireward_oauth::{
    Lifetime, SessionToken, Timestamp,
    grants::GrantEnd,
    people::{Session, User},
};
use fireward_store::{StoreError, Tx};

use crate::{
    Failure, Site, Visit,
    cookies::{self, Kind},
};

/// A live session and whose it is.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Who signed in; the account may have been disabled since.
    pub user: User,
}

/// Who is signed in. A disabled account is still somebody: decisions about it are `fireward-oauth`'s.
///
/// # Errors
/// When the store fails.
pub async fn current(site: &Site, visit: &Visit) -> Result<Option<SignedIn>, Failure> {
    let Some(token) = &visit.session else { return Ok(None) };
    let now = site.now();
    let store = site.store.read();
    let Some(session) = store.sessions().find(&site.id, &token.digest()).await? else {
        return Ok(None);
    };
    if !session.is_live(now, site.policy.session_idle) {
        return Ok(None);
    }
    let Some(user) = store.users().find(&site.id, &session.user).await? else { return Ok(None) };
    if now.since(session.last_seen).as_seconds() >= SEEN_EVERY {
        site.store.transact(async |tx| tx.sessions().touch(&session, now).await).await?;
    }
    Ok(Some(SignedIn { session, user }))
}

/// [`current`], for pages that need somebody: a disabled account is nobody, nor is who signed in with a password
/// that was changed since.
///
/// # Errors
/// When the store fails.
pub async fn usable_now(site: &Site, visit: &Visit) -> Result<Option<SignedIn>, Failure> {
    let somebody = current(site, visit).await?;
    Ok(somebody.filter(|SignedIn { session, user }| user.stands_by(session.auth_time)))
}

/// A session for somebody who has just proven who they are, and the token of its cookie.
#[must_use]
pub fn draw(site: &Site, visit: &Visit, user: &User, now: Timestamp) -> (SessionToken, Session) {
    let token = SessionToken::draw(&*site.entropy);
    let sid = site.entropy.draw::<16>();
    let session = Session {
        issuer: site.id.clone(),
        digest: token.digest(),
        sid: B64.encode(sid),
        user: user.id.clone(),
        auth_time: now,
        amr: vec!["pwd".to_owned()],
        last_seen: now,
        expires_at: now.plus(site.policy.session),
        device: visit.device.to_string(),
        address: visit.address.to_string(),
    };
    (token, session)
}

/// Puts a fresh session in the place of the browser's old one. The same person's grants follow while the old session
/// is live; others end.
///
/// # Errors
/// When the store fails.
pub async fn begin(
    tx: &Tx,
    visit: &Visit,
    fresh: &Session,
    (idle, now): (Lifetime, Timestamp),
) -> Result<(), StoreError> {
    let Some(old) = visit.session.as_ref().map(SessionToken::digest) else {
        return tx.sessions().insert(fresh).await;
    };
    match tx.sessions().find(&fresh.issuer, &old).await? {
        Some(session) if session.user == fresh.user && session.is_live(now, idle) => {
            tx.sessions().rotate(&old, fresh).await
        }
        Some(session) => {
            end(tx, &session, now).await?;
            tx.sessions().insert(fresh).await
        }
        None => tx.sessions().insert(fresh).await,
    }
}

/// Ends a session and every grant that lasts no longer than it. Whether there was one to end.
///
/// # Errors
/// When the store fails.
pub async fn end(tx: &Tx, session: &Session, now: Timestamp) -> Result<bool, StoreError> {
    let ended = GrantEnd::LoggedOut(now);
    tx.grants().end_for_session(&session.issuer, &session.digest, ended).await?;
    tx.sessions().end(&session.issuer, &session.digest).await
}

/// Gives the browser its session's cookie; it goes when the browser does.
#[must_use]
pub fn cookie(site: &Site, token: &SessionToken) -> Cookie<'static> {
    cookies::make(&site.issuer, Kind::Session, token.expose(), None)
}

/// Makes the browser forget its session.
#[must_use]
pub fn forgotten(site: &Site, mut answer: HttpResponse) -> HttpResponse {
    // A cookie that cannot be written is a cookie of ours that is malformed: there is none.
    drop(answer.add_cookie(&cookies::forget(&site.issuer, Kind::Session)));
    answer
}

const SEEN_EVERY: i64 = 60;
