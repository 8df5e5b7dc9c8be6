//! Revocation (RFC 7009): a refresh token ends its grant, an access token ends alone.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use fireward_oauth::{
    ErrorCode, Jti, RefreshToken, Refused, Timestamp,
    audit::{Actor, Event, Kind},
    client::auth::AuthenticatedClient,
    grants::GrantEnd,
    metadata::paths,
};
use fireward_web::{Failure, Form, Visit};

use crate::{App, clients, token::bearer};

/// `POST /revoke`: 200 whatever the token was (RFC 7009 §2.2).
pub(crate) async fn revoke(
    app: Data<App>,
    request: HttpRequest,
    visit: Visit,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let caller =
        clients::Caller { request: &request, visit: &visit, params: &form.params, implied: None };
    let client = clients::authenticate(&app, caller, paths::REVOKE).await?;
    let one = |name| form.params.one(name).map_err(|twice| invalid(&twice.to_string()));
    // The hint may be wrong, so both kinds are always tried (RFC 7009 §2.1).
    let _ = one("token_type_hint")?;
    let token = one("token")?.ok_or_else(|| invalid("token is missing"))?;
    let event = event(&app, &visit, &client);
    match RefreshToken::parse(token) {
        Ok(refresh) => of_refresh(&app, &client, &refresh, &event).await?,
        Err(_) => of_access(&app, &client, token, event).await?,
    }
    Ok(HttpResponse::Ok().finish())
}

/// Any generation will do: who gives back an old one wants its family gone too.
async fn of_refresh(
    app: &App,
    client: &AuthenticatedClient,
    token: &RefreshToken,
    event: &Event,
) -> Result<(), Failure> {
    let (site, now) = (&app.site, app.now());
    let done = site.store.transact(async |tx| {
        let found = tx.refresh().find(&site.id, &token.family()).await?;
        // Another client's token is none of its business (OC-9-01).
        let Some(found) = found.filter(|found| &found.family.client == client.id()) else {
            return Ok(());
        };
        if tx.grants().end(&site.id, &found.grant.id, GrantEnd::Revoked(now)).await? {
            let grant = Some(found.grant.id.clone());
            let subject = Some(found.grant.subject.clone());
            let patient = found.grant.context.patient.clone();
            tx.audit().write(&Event { grant, subject, patient, ..event.clone() }).await?;
        }
        Ok(())
    });
    Ok(done.await?)
}

async fn of_access(
    app: &App,
    client: &AuthenticatedClient,
    text: &str,
    event: Event,
) -> Result<(), Failure> {
    let claims = bearer::claims(app, text).await?;
    let claims = claims.filter(|claims| claims.client_id == client.id().as_str());
    let jti = claims.as_ref().and_then(|claims| Jti::parse(&claims.jti).ok());
    let (Some(claims), Some(jti)) = (claims, jti) else { return Ok(()) };
    let until = Timestamp::from_unix(claims.exp.0).plus(app.site.policy.skew);
    let event = Event { detail: format!("access token {jti}"), ..event };
    let done = app.site.store.transact(async |tx| {
        tx.revoked_tokens().add(&app.site.id, &jti, until).await?;
        tx.audit().write(&event).await
    });
    Ok(done.await?)
}

fn event(app: &App, visit: &Visit, client: &AuthenticatedClient) -> Event {
    Event {
        actor: Actor::Client(client.id().clone()),
        client: Some(client.id().clone()),
        detail: "refresh token".to_owned(),
        ..visit.event(&app.site, Kind::TokenRevoked)
    }
}

fn invalid(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidRequest, sentence)
}
