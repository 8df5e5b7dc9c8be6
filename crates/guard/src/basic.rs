//! User names and passwords, for clients that know nothing better (RFC 7617).

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordVerifier as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fireward_jose::sha256;
use moka::sync::Cache;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use crate::{Check, Refusal};

/// Who may show a password, and for how many seconds one that was right is not checked again.
#[derive(Debug, Clone)]
pub struct Basic {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// For how many seconds a password that was right is not checked again: it costs as much as a hundred tokens.
    pub remember: i64,
}

/// Somebody who is known to this server alone.
#[derive(Clone)]
pub struct Account {
    /// The name.
    pub username: String,
    /// The password as an Argon2 hash in PHC form, `$argon2id$v=19$…`.
    pub password_hash: String,
    /// What a token of theirs would say besides: `fhirUser`, roles, a tenant.
    pub claims: Map<String, Value>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Checks passwords, a few at a time.
pub(crate) struct Passwords {
    accounts: Arc<Vec<Account>>,
    remember: i64,
    /// Digests of what was right, with the place of its account and the time.
    right: Cache<[u8; 32], (usize, i64)>,
    /// How often a name was shown with a wrong password lately.
    wrong: Cache<String, u32>,
    queue: Arc<Semaphore>,
    cores: Arc<Semaphore>,
}

impl Passwords {
    pub(crate) fn new(settings: &Basic) -> Self {
        let span = Duration::from_secs(u64::try_from(settings.remember).unwrap_or(0));
        Self {
            accounts: Arc::new(settings.accounts.clone()),
            remember: settings.remember,
            right: Cache::builder().max_capacity(MOST).time_to_live(span).build(),
            wrong: Cache::builder().max_capacity(MOST).time_to_live(WINDOW).build(),
            queue: Arc::new(Semaphore::new(QUEUE)),
            cores: Arc::new(Semaphore::new(CORES)),
        }
    }

    /// The account whose name and password these are.
    pub(crate) async fn check(&self, shown: &str, now: i64) -> Result<&Account, Refusal> {
        let digest = sha256(shown);
        let recent = |(_, at): &(usize, i64)| now < at.saturating_add(self.remember);
        if let Some((place, _)) = self.right.get(&digest).filter(recent) {
            return self.accounts.get(place).ok_or_else(wrong);
        }
        let (username, password) = read(shown)?;
        if self.wrong.get(&username).unwrap_or(0) >= FAILURES {
            let why = "too many wrong passwords were shown for this name; wait five minutes";
            return Err(Check::Password.failed(why).into());
        }
        let place = self.accounts.iter().position(|account| account.username == username);
        if self.fits(place, password).await?
            && let Some((place, account)) = place.and_then(|at| Some((at, self.accounts.get(at)?)))
        {
            self.right.insert(digest, (place, now));
            return Ok(account);
        }
        let failures = self.wrong.get(&username).unwrap_or(0);
        self.wrong.insert(username, failures.saturating_add(1));
        Err(wrong())
    }

    /// Whether a password is an account's. Where there is no account it is not, and it takes as long (B1).
    async fn fits(&self, place: Option<usize>, password: String) -> Result<bool, Refusal> {
        let busy = || Refusal::Unavailable("too many passwords wait to be checked");
        let _queued = self.queue.try_acquire().map_err(|_| busy())?;
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(|_| busy())?;
        let accounts = Arc::clone(&self.accounts);
        let done = web::block(move || {
            let known = place.and_then(|place| accounts.get(place));
            let against = known.or(accounts.first()).map_or("", |one| one.password_hash.as_str());
            let fits = PasswordHash::new(against).is_ok_and(|against| {
                Argon2::default().verify_password(password.as_bytes(), &against).is_ok()
            });
            drop(core);
            fits && known.is_some()
        });
        done.await.map_err(|_| busy())
    }
}

/// `user:password` in base64 (RFC 7617 §2).
fn read(shown: &str) -> Result<(String, String), Refusal> {
    let malformed =
        || Refusal::BadRequest("Authorization has no well-formed user name and password");
    let text = STANDARD.decode(shown).ok().and_then(|octets| String::from_utf8(octets).ok());
    let text = text.ok_or_else(malformed)?;
    let (username, password) = text.split_once(':').ok_or_else(malformed)?;
    Ok((username.to_owned(), password.to_owned()))
}

fn wrong() -> Refusal {
    Check::Password.failed("the user name or the password is wrong").into()
}

/// How many passwords are checked at once, and how many wait.
const CORES: usize = 2;
const QUEUE: usize = 64;
/// How many names and digests are remembered.
const MOST: u64 = 10_000;
/// How often a name may be shown with a wrong password within [`WINDOW`].
const FAILURES: u32 = 10;
const WINDOW: Duration = Duration::from_mins(5);
