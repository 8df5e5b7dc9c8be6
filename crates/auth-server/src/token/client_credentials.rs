//! Tokens of a client for itself (RFC 6749 §4.4, SMART 2.2 backend-services). No row is written for them.

use actix_web::HttpResponse;
use fireward_oauth::{
    ErrorCode, Jti, Refused,
    audit::Kind,
    grants::client_credentials::decide,
    resource_server::ResourceServer,
    token::{ForItself, for_itself, token_answer},
};
use fireward_scopes::{Scope, ScopeSet};
use fireward_web::Failure;

use super::{Call, invalid, mint};

pub(super) async fn issue(call: &Call<'_>) -> Result<HttpResponse, Failure> {
    let site = &call.app.site;
    let asked = call.scopes().map_err(call.refusing())?;
    let scopes = decide(call.client, asked.as_ref(), &site.policy.capabilities);
    let scopes = scopes.map_err(call.refusing())?;
    mint::ready(call.app)?;
    let servers = site.store.resource_servers(&site.id).await?;
    let server = server(call, &scopes, &servers).map_err(call.refusing())?;
    let ask = ForItself { client: call.client.client(), scopes: &scopes, server };
    let jti = Jti::draw(site.entropy.as_ref());
    let claims = for_itself(&site.issuer, ask, &jti, (&site.policy, call.now));
    let access_token = mint::access_token(call.app, &claims, server).await?;
    let event = call.event(Kind::TokenIssued, claims.scope.as_str());
    if !site.store.audit_later(event.clone()) {
        // The batch is full: no token leaves without its entry.
        site.store.transact(async |tx| tx.audit().write(&event).await).await?;
    }
    Ok(mint::json(&token_answer(access_token, &claims, None, None, (server, None))))
}

/// The FHIR server that the token is for: the one that `resource` names, or the only one that has the
/// scopes, at home if several have.
fn server<'a>(
    call: &Call<'_>,
    scopes: &ScopeSet,
    servers: &'a [ResourceServer],
) -> Result<Option<&'a ResourceServer>, Refused> {
    let named = match (call.one("resource")?, call.one("aud")?) {
        (Some(resource), Some(aud)) if resource != aud => {
            return Err(invalid("aud and resource must name the same server"));
        }
        (resource, aud) => resource.or(aud),
    };
    let opens = |server: &&ResourceServer| {
        scopes.clinical().all(|scope| server.scopes.covers(&Scope::Clinical(scope.clone())))
    };
    if let Some(named) = named {
        let server = servers.iter().find(|server| server.is_named_by(named));
        let server = server.ok_or_else(|| target("resource is no FHIR server of this issuer"))?;
        return if opens(&server) { Ok(Some(server)) } else { Err(not_there()) };
    }
    if !scopes.is_clinical() {
        return Ok(None);
    }
    let able: Vec<_> = servers.iter().filter(opens).collect();
    let mut home = able.iter().filter(|server| server.home);
    match (able.as_slice(), home.next(), home.next()) {
        ([], _, _) => Err(not_there()),
        // SMART's backend services name no server: among several, the one at home is meant.
        ([only], _, _) | (_, Some(only), None) => Ok(Some(only)),
        (_, _, _) => Err(target("several FHIR servers have these scopes: name one as resource")),
    }
}

fn target(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidTarget, sentence)
}

/// BS-6
fn not_there() -> Refused {
    Refused::new(ErrorCode::InvalidScope, "a requested scope does not exist at the FHIR server")
}
