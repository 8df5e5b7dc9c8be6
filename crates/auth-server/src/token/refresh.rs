//! New tokens for a refresh token (RFC 6749 §6, design: rotation with a short grace for lost answers).

use actix_web::{HttpRequest, HttpResponse, http::header::AUTHORIZATION};
use fireward_oauth::{
    ClientId, RefreshToken, Refused,
    audit::{Event, Kind},
    authorize::Params,
    grants::{
        Grant, GrantEnd,
        refresh_token::{Found, Refresh, Refreshed, Refusal, refresh},
    },
    people::User,
    resource_server::ResourceServer,
};
use fireward_store::{StoreError, Tx};
use fireward_web::Failure;

use super::{Call, mint};
use crate::{
    App,
    patient::{Unanswered, look_up},
};

/// What a refresh comes to, once it is settled.
enum Outcome {
    /// Tokens may be made.
    Refreshed(Box<(Refreshed, Grant, User)>),
    /// They may not.
    Refused(Refused),
}

pub(super) async fn refresh_tokens(call: &Call<'_>) -> Result<HttpResponse, Failure> {
    let ask = asked(call).map_err(call.refusing())?;
    mint::ready(call.app)?;
    let store = &call.app.site.store;
    let servers = store.resource_servers(&call.app.site.id).await?;
    let first = store.transact(async |tx| {
        let found = find(call, &ask, tx).await?;
        match asked_again(call, found.as_ref(), &servers) {
            Some(asked) => Ok(Err(asked)),
            None => settle(call, &ask, (found, &servers), tx).await.map(Ok),
        }
    });
    let outcome = match first.await? {
        Ok(outcome) => outcome,
        Err((user, server)) => {
            look_up_again(call, &user, (server, &servers)).await?;
            let again = store.transact(async |tx| {
                settle(call, &ask, (find(call, &ask, tx).await?, &servers), tx).await
            });
            again.await?
        }
    };
    let (refreshed, grant, user) = match outcome {
        Outcome::Refreshed(refreshed) => *refreshed,
        Outcome::Refused(refused) => return Err(refused.into()),
    };
    let made = mint::Made {
        grant: &grant,
        user: &user,
        servers: &servers,
        scopes: &refreshed.scopes,
        nonce: None,
        refresh_token: Some(&refreshed.token),
    };
    mint::answer(call, made).await
}

async fn find(call: &Call<'_>, ask: &Refresh, tx: &Tx) -> Result<Option<Found>, StoreError> {
    tx.refresh().find(&call.app.site.id, &ask.token.family()).await
}

/// Whose record at which server must be asked for once more before it is decided upon (SC-15): of those whose
/// `RelatedPerson` says so, and no others. Only for whoever may refresh: nobody else makes us ask.
fn asked_again<'a>(
    call: &Call<'_>,
    found: Option<&Found>,
    servers: &'a [ResourceServer],
) -> Option<(User, &'a ResourceServer)> {
    let Found { family, grant, user, .. } = found?;
    let concerned = family.client == *call.client.id()
        && grant.is_live(call.now)
        && grant.context.patient.is_some();
    let (server, user) = (grant.server(servers).filter(|_| concerned)?, user.as_ref()?);
    user.links.are_looked_up(server, servers).then(|| (user.clone(), server))
}

/// The FHIR server's no counts; its silence takes nothing away.
async fn look_up_again(
    call: &Call<'_>,
    user: &User,
    at: (&ResourceServer, &[ResourceServer]),
) -> Result<(), Failure> {
    match look_up(call.app, user, at).await {
        Err(Unanswered::Ours(failure)) => Err(failure),
        Ok(_) | Err(Unanswered::Down | Unanswered::Refused(_)) => Ok(()),
    }
}

fn asked(call: &Call<'_>) -> Result<Refresh, Refused> {
    let presented = call.required("refresh_token")?;
    let scopes = call.scopes()?;
    // Mangled, or another kind of token (F8): there is no family to look for.
    let unknown = |_| Refused::new(Refusal::Unknown.code(), sentence(&Refusal::Unknown));
    Ok(Refresh { token: RefreshToken::parse(presented).map_err(unknown)?, scopes })
}

/// The client of the refresh token, for a request that names none. A public client need not name itself where it
/// does not authenticate (RFC 6749 §3.2.1), and some do not; a confidential one still must prove who it is.
pub(super) async fn implied_client(
    app: &App,
    request: &HttpRequest,
    params: &Params,
) -> Result<Option<ClientId>, Failure> {
    let silent = params.all("client_id").chain(params.all("client_assertion")).next().is_none()
        && !request.headers().contains_key(AUTHORIZATION);
    let token = params.all("refresh_token").next().map(RefreshToken::parse);
    let Some(Ok(token)) = token.filter(|_| silent) else { return Ok(None) };
    let (site, family) = (&app.site, token.family());
    let found = site.store.read().refresh().find(&site.id, &family).await?;
    Ok(found.map(|found| found.family.client))
}

async fn settle(
    call: &Call<'_>,
    ask: &Refresh,
    (found, servers): (Option<Found>, &[ResourceServer]),
    tx: &Tx,
) -> Result<Outcome, StoreError> {
    let site = &call.app.site;
    let moment = (&site.policy, call.now);
    let entropy = site.entropy.as_ref();
    let outcome = refresh(ask, call.client, (found.as_ref(), servers), moment, entropy);
    match (outcome, found) {
        (Ok(refreshed), Some(Found { grant, user: Some(user), .. })) => {
            if let Err(refused) = call.is_at(&grant, servers) {
                return Ok(Outcome::Refused(refused));
            }
            if let Some(moved) = &refreshed.moved {
                // The gate: of all that present this token at once, one moves the family on (F2).
                tx.refresh().move_on(moved).await?;
            }
            tx.grants().touch(&grant, call.now).await?;
            tx.audit().write(&issued(call, &grant, &refreshed)).await?;
            Ok(Outcome::Refreshed(Box::new((refreshed, grant, user))))
        }
        (Ok(_), _) => refuse(call, &Refusal::Unknown, tx).await,
        (Err(refusal), _) => refuse(call, &refusal, tx).await,
    }
}

async fn refuse(call: &Call<'_>, refusal: &Refusal, tx: &Tx) -> Result<Outcome, StoreError> {
    let mut event = call.event(Kind::TokenRefused, refusal.to_string());
    if let Refusal::SessionOver(grant) = refusal {
        // Coming back to the session's browser does not bring it back.
        tx.grants().end(&call.app.site.id, grant, GrantEnd::LoggedOut(call.now)).await?;
        event.grant = Some(grant.clone());
    }
    if let Refusal::Reused(grant) = refusal {
        // An old token came back, so somebody else holds it: all that came of it ends (F1).
        tx.grants().end(&call.app.site.id, grant, GrantEnd::Replayed(call.now)).await?;
        event.kind = Kind::RefreshReplayed;
        event.grant = Some(grant.clone());
    }
    tx.audit().write(&event).await?;
    let refused = Refused::new(refusal.code(), sentence(refusal));
    Ok(Outcome::Refused(refused.explained(refusal.fact())))
}

/// What the client hears: never whose token it was, nor whether it ever was one.
const fn sentence(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::WiderScope => "scope must not exceed what was granted",
        Refusal::Unknown
        | Refusal::WrongClient
        | Refusal::Reused(_)
        | Refusal::GrantEnded(_)
        | Refusal::SessionOver(_)
        | Refusal::NotRefreshable
        | Refusal::RightsWithdrawn => {
            "the refresh token is not valid: unknown, used before, withdrawn, expired, or issued to another client"
        }
    }
}

fn issued(call: &Call<'_>, grant: &Grant, refreshed: &Refreshed) -> Event {
    Event {
        subject: Some(grant.subject.clone()),
        patient: grant.context.patient.clone(),
        grant: Some(grant.id.clone()),
        ..call.event(Kind::TokenIssued, refreshed.scopes.to_string())
    }
}
