//! Who calls: client authentication at every endpoint that clients call (RFC 6749 §2.3, RFC 7523 §3).

mod keys;
mod throttle;

use std::sync::Arc;

use actix_web::{HttpRequest, http::StatusCode};
use fireward_oauth::{
    ClientId, ErrorCode, Refused,
    audit::{Event, Kind},
    authorize::Params,
    capability::Capability,
    client::{
        Client, ClientAuth, KeySource,
        auth::{
            ASSERTION_TYPE, Assertion, AuthenticatedClient, Endpoints, Presented, Proven,
            authenticate as decide, check_assertion,
        },
    },
    explain::{Cause, Fact},
    metadata::paths,
};
use fireward_web::{Failure, Refusal, Visit};

pub use keys::ClientKeys;
pub use throttle::Throttled;

use crate::{App, extract};

/// A request that a client sent.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    pub(crate) request: &'a HttpRequest,
    pub(crate) visit: &'a Visit,
    pub(crate) params: &'a Params,
    /// Whom the call must be of where it names nobody: the client that a refresh token was issued to.
    pub(crate) implied: Option<&'a ClientId>,
}

/// Has the client of a request prove who it is. `endpoint` is the path that was called, which an assertion may be
/// addressed to (D-05).
pub(crate) async fn authenticate(
    app: &App,
    caller: Caller<'_>,
    endpoint: &str,
) -> Result<AuthenticatedClient, Failure> {
    let presented = extract::presented(caller.request, caller.params, caller.implied)
        .map_err(|refused| refuse(app, caller, None, refused))?;
    let client = find(app, &presented).await?;
    let guessed = throttle::key(caller, &presented, client.as_deref());
    if let Some((refused, seconds)) = throttle::must_wait(app, guessed.as_deref()) {
        note(app, caller, Some(&presented), &refused);
        let refusal = Refusal::from(refused).status(StatusCode::TOO_MANY_REQUESTS);
        return Err(refusal.retry_after(seconds).into());
    }
    let proven = match (&presented, client.as_deref()) {
        (Presented::Assertion(assertion), Some(client)) => {
            prove(app, (caller, &presented), (assertion, client), endpoint).await?
        }
        (
            Presented::Assertion(_)
            | Presented::None(_)
            | Presented::Basic(_)
            | Presented::Post(..),
            _,
        ) => None,
    };
    match decide(&presented, client, proven) {
        Ok(client) => {
            admitted(app, client.client())
                .map_err(|refused| refuse(app, caller, Some(&presented), refused))?;
            Ok(client)
        }
        Err(refused) => {
            throttle::count(app, guessed).await?;
            Err(refuse(app, caller, Some(&presented), refused))
        }
    }
}

/// Whether this server admits clients of that kind.
fn admitted(app: &App, client: &Client) -> Result<(), Refused> {
    let needed = Capability::of_client(&client.auth);
    if app.site.policy.capabilities.has(needed) {
        return Ok(());
    }
    let sentence = format!("this server has turned {needed} off");
    let fact = Fact::Cause(Cause::TurnedOff(needed));
    Err(Refused::new(ErrorCode::InvalidClient, sentence).explained([fact]))
}

/// The client that was named; Basic may be read in two ways (D-23).
async fn find(app: &App, presented: &Presented) -> Result<Option<Arc<Client>>, Failure> {
    for id in presented.client_ids() {
        if let Some(client) = app.site.store.client(&app.site.id, &id).await? {
            return Ok(Some(client));
        }
    }
    Ok(None)
}

/// Checks an assertion, with the keys fetched again once if they lack the one it names (CA-7, CA-8), and its
/// `jti` spent (CA-6). Nothing is proven where the client is registered for another method.
async fn prove(
    app: &App,
    (caller, presented): (Caller<'_>, &Presented),
    (assertion, client): (&Assertion, &Client),
    endpoint: &str,
) -> Result<Option<Proven>, Failure> {
    let ClientAuth::Keys { source, .. } = &client.auth else { return Ok(None) };
    let (site, now) = (&app.site, app.now());
    let (token, this) = (site.issuer.endpoint(paths::TOKEN), site.issuer.endpoint(endpoint));
    let endpoints = Endpoints { issuer: site.issuer.as_str(), token: &token, called: &this };
    let moment = (&site.policy, now);
    let refuse = |refused| refuse(app, caller, Some(presented), refused);
    let proven = match source {
        KeySource::Inline(keys) => check_assertion(assertion, client, keys, endpoints, moment),
        KeySource::Url(url) => {
            let keys = app.client_keys.of(url, assertion.kid(), now).await.map_err(refuse)?;
            check_assertion(assertion, client, &keys, endpoints, moment)
        }
    };
    let proven = proven.map_err(refuse)?;
    let fresh = site.store.transact(async |tx| {
        let (jti, until) = (&proven.jti, proven.remember_until);
        tx.assertions().remember(&site.id, &client.id, jti, until).await
    });
    if fresh.await? {
        return Ok(Some(proven));
    }
    let sentence = "jti of the assertion was used before";
    Err(refuse(Refused::new(ErrorCode::InvalidClient, sentence)))
}

fn refuse(
    app: &App,
    caller: Caller<'_>,
    presented: Option<&Presented>,
    refused: Refused,
) -> Failure {
    note(app, caller, presented, &refused);
    let named = presented.and_then(|presented| presented.client_ids().into_iter().next());
    challenged(app, caller, refused).told_to(named.as_ref())
}

/// Writes a failed authentication down, in a batch: whoever fails on purpose shall not cost us writes.
fn note(app: &App, caller: Caller<'_>, presented: Option<&Presented>, refused: &Refused) {
    let method = presented.map_or("no one method", Presented::method);
    let written = app.site.store.audit_later(Event {
        client: presented.and_then(|presented| presented.client_ids().into_iter().next()),
        detail: format!("{method}: {}", refused.description),
        ..caller.visit.event(&app.site, Kind::ClientRefused)
    });
    if !written {
        tracing::warn!("too many refusals wait to be written down: one was left out");
    }
}

/// With a challenge where the client used the `Authorization` header (RFC 6749 §5.2).
fn challenged(app: &App, caller: Caller<'_>, refused: Refused) -> Failure {
    let challenge =
        refused.code == ErrorCode::InvalidClient && extract::basic_was_tried(caller.request);
    let refusal = Refusal::from(refused);
    if !challenge {
        // CA-9 leaves 400 or 401; of a method that is none of ours the (g)(10) test procedure expects 400.
        let unknown =
            caller.params.all("client_assertion_type").any(|named| named != ASSERTION_TYPE);
        return if unknown { refusal.status(StatusCode::BAD_REQUEST) } else { refusal }.into();
    }
    refusal.challenge(format!("Basic realm=\"{}\"", app.site.issuer)).into()
}
