//! A code for tokens (RFC 6749 §4.1.3): load, decide, settle, and mint after the commit.

use actix_web::HttpResponse;
use fireward_oauth::{
    Code, Digest, ErrorCode, RefreshToken, Refused,
    audit::{Event, Kind},
    client::GrantType,
    explain::Cause,
    grants::{
        GrantEnd,
        authorization_code::{CodeGrant, Redeem, Refusal, redeem},
        refresh_token::RefreshFamily,
    },
    people::User,
    resource_server::ResourceServer,
    vocabulary::PkceVerifier,
};
use fireward_store::{StoreError, Tx};
use fireward_web::Failure;

use super::{Call, mint};

/// What a redemption comes to, once it is settled.
enum Outcome {
    /// Tokens may be made.
    Redeemed(Box<Redeemed>),
    /// They may not.
    Refused(Refused),
    /// Nothing is settled: the FHIR server of the grant is none of those that were known.
    ServerUnknown,
}

struct Redeemed {
    code: CodeGrant,
    user: User,
    refresh_token: Option<RefreshToken>,
}

pub(super) async fn redeem_code(call: &Call<'_>) -> Result<HttpResponse, Failure> {
    let (digest, ask) = asked(call).map_err(call.refusing())?;
    mint::ready(call.app)?;
    let store = &call.app.site.store;
    let issuer = &call.app.site.id;
    let mut servers = store.resource_servers(issuer).await?;
    let with = async |servers: &[ResourceServer]| {
        store.transact(async |tx| settle(call, &ask, (&digest, servers), tx).await).await
    };
    let mut outcome = with(&servers).await?;
    if matches!(outcome, Outcome::ServerUnknown) {
        // The server may be newer than this node knows: it is looked for once.
        servers = store.resource_servers_with(issuer, |_| false).await?;
        outcome = with(&servers).await?;
    }
    let Redeemed { code, user, refresh_token } = match outcome {
        Outcome::Redeemed(redeemed) => *redeemed,
        Outcome::Refused(refused) => return Err(refused.into()),
        Outcome::ServerUnknown => return Err(call.refusing()(gone())),
    };
    let made = mint::Made {
        grant: &code.grant,
        user: &user,
        servers: &servers,
        scopes: &code.grant.granted,
        nonce: code.nonce.as_deref(),
        refresh_token: refresh_token.as_ref(),
    };
    mint::answer(call, made).await
}

fn asked(call: &Call<'_>) -> Result<(Digest<Code>, Redeem), Refused> {
    // Any text has a digest, so that mangled codes take the way of unknown ones (C5).
    let digest = Digest::of(call.required("code")?);
    let redirect_uri = call.one("redirect_uri")?.map(str::to_owned);
    Ok((digest, Redeem { redirect_uri, verifier: verifier(call)? }))
}

async fn settle(
    call: &Call<'_>,
    ask: &Redeem,
    (digest, servers): (&Digest<Code>, &[ResourceServer]),
    tx: &Tx,
) -> Result<Outcome, StoreError> {
    let issuer = &call.app.site.id;
    let found = tx.authorizations().find_code(issuer, digest).await?;
    let code = match redeem(ask, call.client, found, call.now) {
        Ok(code) => code,
        Err(refusal) => return refuse(call, (ask, &refusal), tx).await,
    };
    if code.grant.resource_server.is_some() && code.grant.server(servers).is_none() {
        return Ok(Outcome::ServerUnknown);
    }
    if let Err(refused) = call.is_at(&code.grant, servers) {
        return Ok(Outcome::Refused(refused));
    }
    let user = tx.users().find(issuer, &code.grant.subject).await?;
    let Some(user) = user.filter(|user| code.grant.is_held_by(user, servers, call.now)) else {
        let refusal = Refusal::GrantEnded(Cause::RightsWithdrawn);
        return refuse(call, (ask, &refusal), tx).await;
    };
    // The gate: of all that redeem this code at once, one finds it unspent (AL-16, C2).
    tx.authorizations().redeem(&code, call.now).await?;
    let refreshable = code.grant.allows_refresh()
        && call.client.client().grant_types.contains(&GrantType::RefreshToken);
    let mut refresh_token = None;
    if refreshable {
        let token = RefreshToken::draw(call.app.site.entropy.as_ref());
        tx.refresh().begin(&RefreshFamily::begin(&token, &code.grant)).await?;
        refresh_token = Some(token);
    }
    tx.audit().write(&issued(call, &code)).await?;
    Ok(Outcome::Redeemed(Box::new(Redeemed { code, user, refresh_token })))
}

async fn refuse(
    call: &Call<'_>,
    (ask, refusal): (&Redeem, &Refusal),
    tx: &Tx,
) -> Result<Outcome, StoreError> {
    let mut event = call.event(Kind::TokenRefused, refusal.to_string());
    if let Refusal::Replayed(grant) = refusal {
        // It has leaked: all that came of it ends (RFC 6749 §4.1.2, C1).
        tx.grants().end(&call.app.site.id, grant, GrantEnd::Replayed(call.now)).await?;
        event.kind = Kind::CodeReplayed;
        event.grant = Some(grant.clone());
    }
    tx.audit().write(&event).await?;
    let refused = Refused::new(refusal.code(), sentence(refusal));
    Ok(Outcome::Refused(refused.explained(refusal.fact(ask))))
}

fn gone() -> Refused {
    let refusal = Refusal::GrantEnded(Cause::RightsWithdrawn);
    Refused::new(refusal.code(), sentence(&refusal))
}

/// What the client hears: never whose code it was, nor whether it ever was one.
const fn sentence(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Unknown | Refusal::WrongClient | Refusal::Replayed(_) | Refusal::GrantEnded(_) => {
            "the code is not valid: unknown, used before, withdrawn, or issued to another client"
        }
        Refusal::Expired => "the code has expired: redeem it at once",
        Refusal::WrongRedirectUri(_) => "redirect_uri must be the one of the authorization request",
        Refusal::WrongVerifier => "code_verifier does not meet the code_challenge",
        Refusal::UnexpectedVerifier => {
            "code_verifier was sent, but the request had no code_challenge"
        }
    }
}

fn issued(call: &Call<'_>, code: &CodeGrant) -> Event {
    Event {
        subject: Some(code.grant.subject.clone()),
        patient: code.grant.context.patient.clone(),
        grant: Some(code.grant.id.clone()),
        ..call.event(Kind::TokenIssued, code.grant.granted.to_string())
    }
}

/// A verifier that cannot be one meets no challenge (K5).
fn verifier(call: &Call<'_>) -> Result<Option<PkceVerifier>, Refused> {
    let text = call.one("code_verifier")?;
    text.map(PkceVerifier::parse)
        .transpose()
        .map_err(|malformed| Refused::new(ErrorCode::InvalidGrant, malformed.to_string()))
}
