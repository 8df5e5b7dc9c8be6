//! User names and passwords, for clients that know nothing better (RFC 7617).

use std::net::{IpAddr, Ipv6Addr};
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
use tokio::sync::{Mutex, Semaphore};

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
    /// How often a name was shown with a wrong password lately, from about the same place. Whoever checks holds the lock, so
    /// that many at once are counted one after another.
    wrong: Cache<(String, Option<IpAddr>), Arc<Mutex<u32>>>,
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

    /// The account whose name and password these are, shown from this address.
    pub(crate) async fn check(
        &self,
        shown: &str,
        address: Option<IpAddr>,
        now: i64,
    ) -> Result<&Account, Refusal> {
        let digest = sha256(shown);
        if let Some(place) = self.remembered(&digest, now) {
            return self.accounts.get(place).ok_or_else(wrong);
        }
        let (username, password) = read(shown)?;
        if username.len() > LONGEST_NAME {
            return Err(wrong());
        }
        let busy = || Refusal::Unavailable("too many passwords wait to be checked");
        let _queued = self.queue.try_acquire().map_err(|_| busy())?;
        let key = (username.clone(), address.map(neighbourhood));
        let failures = self.wrong.get_with(key, Arc::default);
        let mut failures = failures.lock().await;
        if let Some(place) = self.remembered(&digest, now) {
            return self.accounts.get(place).ok_or_else(wrong);
        }
        if *failures >= FAILURES {
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
        *failures = failures.saturating_add(1);
        Err(wrong())
    }

    /// The place of the account whose password this was a moment ago.
    fn remembered(&self, digest: &[u8; 32], now: i64) -> Option<usize> {
        let recent = |(_, at): &(usize, i64)| now < at.saturating_add(self.remember);
        self.right.get(digest).filter(recent).map(|(place, _)| place)
    }

    /// Whether a password is an account's. Where there is no account it is not, and it takes as long (B1).
    async fn fits(&self, place: Option<usize>, password: String) -> Result<bool, Refusal> {
        let busy = || Refusal::Unavailable("passwords cannot be checked now");
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

/// Whoever has one address of IPv6 has a /64 of them.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
    }
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
/// In octets. Longer names are nobody's.
const LONGEST_NAME: usize = 256;
const WINDOW: Duration = Duration::from_mins(5);

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordHasher as _;
    use futures_util::future::join_all;

    use super::*;

    fn passwords() -> Passwords {
        let cheap = argon2::Params::new(8, 1, 1, None).unwrap();
        let argon = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, cheap);
        let password_hash = argon.hash_password(b"right").unwrap().to_string();
        let account = Account { username: "nurse".to_owned(), password_hash, claims: Map::new() };
        Passwords::new(&Basic { accounts: vec![account], remember: 60 })
    }

    fn shown(pair: &str) -> String {
        STANDARD.encode(pair)
    }

    #[actix_web::test]
    async fn many_wrong_passwords_at_once_are_counted_each() {
        let passwords = passwords();
        let all: Vec<_> = (0..40).map(|at| shown(&format!("nurse:wrong{at}"))).collect();
        let here = Some("2001:db8::1".parse().unwrap());
        let told = join_all(all.iter().map(|one| passwords.check(one, here, 0))).await;
        let told = told.into_iter().map(|one| one.unwrap_err().to_string());
        assert_eq!(told.filter(|why| !why.contains("wait five minutes")).count(), 10);
        let right = shown("nurse:right");
        let neighbour = Some("2001:db8::2".parse().unwrap());
        assert!(passwords.check(&right, neighbour, 0).await.is_err(), "the same place");
        let elsewhere = Some("2001:db8:0:1::1".parse().unwrap());
        assert!(passwords.check(&right, elsewhere, 0).await.is_ok(), "nobody locks others out");
    }

    #[actix_web::test]
    async fn right_passwords_at_once_are_all_right_and_long_names_are_not_kept() {
        let passwords = passwords();
        let right = shown("nurse:right");
        let told = join_all((0..40).map(|_| passwords.check(&right, None, 0))).await;
        assert!(told.iter().all(Result::is_ok));
        let long = shown(&format!("{}:x", "n".repeat(257)));
        assert!(passwords.check(&long, None, 0).await.is_err());
        passwords.wrong.run_pending_tasks();
        assert_eq!(passwords.wrong.entry_count(), 1);
    }
}
