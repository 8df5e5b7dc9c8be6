//! Guessing at client secrets (B5): after so many failures from one neighbourhood a client must wait there.
//!
//! The failures are counted in the store, for all nodes at once; that a client must wait is remembered here, so
//! that the way of a right secret costs nothing. Counting by client *and* neighbourhood keeps strangers, who
//! may know a `client_id`, from shutting its owner out.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use fireward_oauth::{
    ErrorCode, Refused, Timestamp,
    client::{Client, auth::Presented},
};
use fireward_store::throttle::Kind;
use fireward_web::{Failure, address::neighbourhood};

use super::Caller;
use crate::App;

/// Those who must wait, by client and neighbourhood, and until when.
#[derive(Debug, Default)]
pub struct Throttled(Mutex<HashMap<String, Timestamp>>);

impl Throttled {
    /// How long this one must still wait.
    fn wait(&self, key: &str, now: Timestamp) -> Option<i64> {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = *waiting.get(key)?;
        (now < until).then(|| until.since(now).as_seconds())
    }

    fn must_wait(&self, key: String, until: Timestamp, now: Timestamp) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MOST {
            waiting.retain(|_, until| now < *until);
        }
        if waiting.len() < MOST {
            waiting.insert(key, until);
        }
    }
}

/// Memory is bounded: past it, the store still counts.
const MOST: usize = 10_000;

/// What those hear who must wait, and for how many seconds. It is asked before any secret is compared.
pub(super) fn must_wait(app: &App, key: Option<&str>) -> Option<(Refused, u32)> {
    let seconds = app.throttled.wait(key?, app.now())?;
    let sentence = "too many failed attempts for this client: wait before the next";
    let refused = Refused::new(ErrorCode::InvalidClient, sentence);
    Some((refused, u32::try_from(seconds).unwrap_or(u32::MAX)))
}

/// Counts a failure.
pub(super) async fn count(app: &App, key: Option<String>) -> Result<(), Failure> {
    let Some(key) = key else { return Ok(()) };
    let (site, now) = (&app.site, app.now());
    let throttle = site.policy.throttle;
    let failures = site.store.transact(async |tx| {
        tx.throttle().count(&site.id, (Kind::Client, &key), now, throttle.window).await
    });
    if failures.await? >= throttle.failures {
        app.throttled.must_wait(key, now.plus(throttle.window), now);
    }
    Ok(())
}

/// What is counted: only secrets can be guessed at. A client has one name here, however Basic spells it (D-23).
pub(super) fn key(
    caller: Caller<'_>,
    presented: &Presented,
    client: Option<&Client>,
) -> Option<String> {
    match presented {
        Presented::Basic(_) | Presented::Post(..) => {
            let client = client.map(|client| client.id.clone());
            let client = client.or_else(|| presented.client_ids().into_iter().next())?;
            Some(format!("{client} {}", neighbourhood(caller.visit.address)))
        }
        Presented::None(_) | Presented::Assertion(_) => None,
    }
}
