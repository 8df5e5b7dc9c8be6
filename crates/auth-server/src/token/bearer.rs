//! Access tokens of ours, shown to us (RFC 9068 §4, RFC 6750 §3).

use std::sync::Arc;

use actix_web::HttpRequest;
use fireward_jose::{Algorithm, Unverified, typ_is};
use fireward_oauth::{
    ClientId, GrantId, Jti, OpaqueToken,
    client::{OURSELVES, Status},
    grants::Grant,
    people::User,
    resource_server::ResourceServer,
    token::{AccessClaims, Subject},
};
use fireward_scopes::{Scope, ScopeSet};
use fireward_store::StoreError;
use fireward_web::Failure;
use serde::de::DeserializeOwned;

use crate::{App, challenge, extract};

/// An access token that we signed, that has not expired and was not revoked, of a client that may still act.
pub(crate) struct Token {
    /// What it says.
    pub(crate) claims: AccessClaims,
    /// Who is behind it; nobody where a client acts for itself.
    pub(crate) behind: Option<Behind>,
}

/// The grant of a token, as it is now, and whose it is.
pub(crate) struct Behind {
    pub(crate) grant: Grant,
    pub(crate) user: Option<User>,
    /// The issuer's resource servers.
    servers: Arc<Vec<ResourceServer>>,
}

impl Behind {
    /// As decisions want it.
    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject { grant: &self.grant, user: self.user.as_ref(), server: self.server() }
    }

    /// Where the user is a resource.
    pub(crate) fn server(&self) -> Option<&ResourceServer> {
        home(&self.grant, &self.servers)
    }
}

impl Token {
    /// What it allows.
    pub(crate) fn scopes(&self) -> ScopeSet {
        self.claims.scope.parse().unwrap_or_default()
    }

    /// The client that it was made for.
    pub(crate) fn client(&self) -> Option<ClientId> {
        ClientId::parse(&self.claims.client_id).ok()
    }

    /// Whether the issuer itself is its audience.
    pub(crate) fn is_for_us(&self, app: &App) -> bool {
        self.claims.aud.contains(app.site.issuer.as_str())
    }

    /// Whether the grant behind it, if there is one, still counts.
    pub(crate) fn is_live(&self, app: &App) -> bool {
        self.behind.as_ref().is_none_or(|behind| {
            let Behind { grant, user, servers, .. } = behind;
            let held = user.as_ref().is_some_and(|user| grant.is_held_by(user, servers, app.now()));
            held && grant.is_live(app.now())
        })
    }
}

/// Finds what an access token stands for; `None` where it stands for nothing.
pub(crate) async fn find(app: &App, text: &str) -> Result<Option<Token>, StoreError> {
    let Some(claims) = claims(app, text).await? else { return Ok(None) };
    let (Ok(jti), Ok(client)) = (Jti::parse(&claims.jti), ClientId::parse(&claims.client_id))
    else {
        return Ok(None);
    };
    let issuer = &app.site.id;
    let client = app.site.store.client(issuer, &client).await?;
    let may_act = client.is_some_and(|client| client.status == Status::Active);
    if !may_act && claims.client_id != OURSELVES {
        return Ok(None);
    }
    let behind = match &claims.grant_id {
        None if app.site.store.read().revoked_tokens().contains(issuer, &jti).await? => {
            return Ok(None);
        }
        None => None,
        Some(id) => match behind(app, id, &jti).await? {
            None => return Ok(None),
            found @ Some(_) => found,
        },
    };
    Ok(Some(Token { claims, behind }))
}

/// The client that acts for itself, by an access token with this scope: no person's token will do, and none that was
/// made for a FHIR server, which could else play here what it was shown there.
///
/// # Errors
/// When there is no such token, or it is not live, or lacks the scope: with the challenge that says so.
pub(crate) async fn for_itself(
    app: &App,
    request: &HttpRequest,
    scope: &str,
) -> Result<ClientId, Failure> {
    let token = extract::bearer(request, None)
        .map_err(|refused| challenge::invalid_request(app, refused))?
        .ok_or_else(|| challenge::no_token(app))?;
    let token = find(app, &token).await?.filter(|token| token.is_live(app));
    let token = token.ok_or_else(|| challenge::invalid_token(app))?;
    let may = scope.parse::<Scope>().is_ok_and(|scope| token.scopes().contains(&scope));
    let client = token.client().filter(|_| may && token.behind.is_none());
    let client = client.ok_or_else(|| challenge::insufficient_scope(app, scope))?;
    if token.is_for_us(app) { Ok(client) } else { Err(challenge::invalid_token(app)) }
}

/// What a token of this issuer that has not expired says: by itself, or in our own book.
pub(crate) async fn claims(app: &App, text: &str) -> Result<Option<AccessClaims>, StoreError> {
    let Ok(opaque) = OpaqueToken::parse(text) else { return Ok(verified(app, text)) };
    let found = app.site.store.read().opaque_tokens().find(&app.site.id, &opaque.digest()).await?;
    Ok(found.filter(|claims| app.now().unix() < claims.exp.0))
}

/// The claims of a token that this issuer signed as an access token, and that has not expired (J14, I7).
fn verified(app: &App, text: &str) -> Option<AccessClaims> {
    let claims = signed_by_us::<AccessClaims>(app, "at+jwt", text)?;
    let ours = claims.iss == app.site.issuer.as_str() && app.now().unix() < claims.exp.0;
    ours.then_some(claims)
}

/// The claims of what one of our keys signed as a token of this `typ`.
pub(crate) fn signed_by_us<C: DeserializeOwned>(app: &App, typ: &str, text: &str) -> Option<C> {
    let token = Unverified::<C>::parse(text).ok()?;
    let header = token.header();
    // Only the header's own typ tells an access token from an ID token (RFC 9068 §4).
    if !typ_is(header.typ.as_deref(), typ) || header.kid.is_none() {
        return None;
    }
    let keyring = app.keyring.load();
    let key = keyring.verifying(header.alg, header.kid.as_deref()).ok()?;
    Some(token.verify(key, &Algorithm::VARIANTS).ok()?.into_claims())
}

/// What is behind a token of a grant; nothing if the token was revoked.
async fn behind(app: &App, grant: &str, token: &Jti) -> Result<Option<Behind>, StoreError> {
    let Ok(id) = GrantId::parse(grant) else { return Ok(None) };
    let grants = app.site.store.read().grants();
    let found = grants.find_of_token(&app.site.id, &id, token).await?;
    let Some((grant, user)) = found else { return Ok(None) };
    let wanted = |server: &ResourceServer| grant.may_be_at(&server.id);
    let servers = app.site.store.resource_servers_with(&app.site.id, wanted).await?;
    Ok(Some(Behind { grant, user, servers }))
}

/// The FHIR server that users are resources of: the grant's, or for plain sign-in the one that is home.
pub(crate) fn home<'a>(grant: &Grant, servers: &'a [ResourceServer]) -> Option<&'a ResourceServer> {
    match grant.resource_server {
        Some(_) => grant.server(servers),
        None => servers.iter().find(|server| server.home),
    }
}
