//! Tokens of a client for itself (RFC 6749 §4.4, SMART 2.2 backend-services). No row is written for them.

use actix_web::HttpResponse;
use fireward_oauth::{
    ErrorCode, Jti, Refused,
    audit::Kind,
    grants::client_credentials::decide,
    metadata::OWN_SCOPES,
    resource_server::ResourceServer,
    token::{ForItself, for_itself, token_answer},
};
use fireward_scopes::{Scope, ScopeSet};
use fireward_web::Failure;

use super::{Call, mint};

pub(super) async fn issue(call: &Call<'_>) -> Result<HttpResponse, Failure> {
    let site = &call.app.site;
    let asked = call.scopes().map_err(call.refusing())?;
    let scopes = decide(call.client, asked.as_ref(), &site.policy.capabilities);
    let scopes = scopes.map_err(call.refusing())?;
    mint::ready(call.app)?;
    let named = call.resource().map_err(call.refusing())?;
    let wanted = |server: &ResourceServer| {
        named.map_or_else(|| opens(server, &scopes), |named| server.is_named_by(named))
    };
    let servers = site.store.resource_servers_with(&site.id, wanted).await?;
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
    let named = call.resource()?;
    // A token has one audience: what a FHIR server is shown must not open the issuer's own endpoints.
    if scopes.iter().any(|scope| OWN_SCOPES.contains(&scope.to_string().as_str())) {
        return for_us(call, scopes, named);
    }
    if let Some(named) = named {
        let server = servers.iter().find(|server| server.is_named_by(named));
        let server = server.ok_or_else(|| target("resource is no FHIR server of this issuer"))?;
        return if opens(server, scopes) { Ok(Some(server)) } else { Err(not_there()) };
    }
    if !scopes.is_clinical() {
        return Ok(None);
    }
    let able: Vec<_> = servers.iter().filter(|server| opens(server, scopes)).collect();
    let mut home = able.iter().filter(|server| server.home);
    match (able.as_slice(), home.next(), home.next()) {
        ([], _, _) => Err(not_there()),
        // SMART's backend services name no server: among several, the one at home is meant.
        ([only], _, _) | (_, Some(only), None) => Ok(Some(only)),
        (_, _, _) => Err(target("several FHIR servers have these scopes: name one as resource")),
    }
}

/// Whether the server has all of the scopes that are for a FHIR server.
fn opens(server: &ResourceServer, scopes: &ScopeSet) -> bool {
    scopes.clinical().all(|scope| server.scopes.covers(&Scope::Clinical(scope.clone())))
}

/// For the issuer's own endpoints, and so for nobody else.
fn for_us<'a>(
    call: &Call<'_>,
    scopes: &ScopeSet,
    named: Option<&str>,
) -> Result<Option<&'a ResourceServer>, Refused> {
    if scopes.is_clinical() {
        let sentence =
            "scopes of this server and of a FHIR server are asked for in requests of their own";
        return Err(Refused::new(ErrorCode::InvalidScope, sentence));
    }
    match named {
        Some(named) if named != call.app.site.issuer.as_str() => {
            Err(target("these scopes are for the issuer and for no FHIR server"))
        }
        _ => Ok(None),
    }
}

fn target(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidTarget, sentence)
}

/// BS-6
fn not_there() -> Refused {
    Refused::new(ErrorCode::InvalidScope, "a requested scope does not exist at the FHIR server")
}
