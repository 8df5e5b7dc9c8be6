//! Signing, after the commit and outside of it: no transaction waits for a signature.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, PRAGMA},
};
use fireward_jose::{Algorithm, SigningKey};
use fireward_keys::CannotSign;
use fireward_oauth::{
    ErrorCode, Jti, OpaqueToken, RefreshToken, Refused,
    grants::Grant,
    metadata::paths,
    people::User,
    resource_server::{ResourceServer, TokenFormat},
    token::{AccessClaims, IdToken, access, id_token, token_answer},
};
use fireward_scopes::{Scope, ScopeSet};
use fireward_web::Failure;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Call, bearer};
use crate::App;

/// What the tokens of a person's grant are made from.
pub(super) struct Made<'a> {
    pub(super) grant: &'a Grant,
    pub(super) user: &'a User,
    pub(super) servers: &'a [ResourceServer],
    pub(super) scopes: &'a ScopeSet,
    pub(super) nonce: Option<&'a str>,
    pub(super) refresh_token: Option<&'a RefreshToken>,
}

/// The answer with the tokens of a grant (AL-20, AL-29).
pub(super) async fn answer(call: &Call<'_>, made: Made<'_>) -> Result<HttpResponse, Failure> {
    let (app, site) = (call.app, &call.app.site);
    let server = made.grant.server(made.servers);
    let moment = (&site.policy, call.now);
    let jti = Jti::draw(site.entropy.as_ref());
    let whose = (made.grant, call.client.client(), made.user);
    let claims = access(&site.issuer, whose, server, (made.scopes, &jti), moment);
    let access_token = access_token(app, &claims, server).await?;
    let id_token = if made.scopes.contains(&Scope::OpenId) {
        let alg = call.client.client().id_token_alg;
        let from = IdToken {
            user: made.user,
            server: bearer::home(made.grant, made.servers),
            nonce: made.nonce,
            access_token: &access_token,
            alg,
        };
        let claims = id_token(&site.issuer, made.grant, from, moment);
        Some(sign(app, alg, "JWT", &claims)?)
    } else {
        None
    };
    let context = (server, Some(&made.grant.context));
    let mut members = token_answer(access_token, &claims, id_token, made.refresh_token, context);
    if !made.grant.dropped.is_empty() {
        // SC-25: a member of our own begins with two underscores.
        let explained = format!("{}/{}", paths::GRANTS, made.grant.id);
        members.insert("__explanation".to_owned(), site.issuer.endpoint(&explained).into());
    }
    Ok(json(&members))
}

/// An access token in the format of its resource server: signed (RFC 9068 §2.1), or random and kept by its digest.
pub(crate) async fn access_token(
    app: &App,
    claims: &AccessClaims,
    server: Option<&ResourceServer>,
) -> Result<String, Failure> {
    let format =
        server.map_or(TokenFormat::Jwt { alg: Algorithm::ES256 }, |server| server.token_format);
    match format {
        TokenFormat::Jwt { alg } => sign(app, alg, "at+jwt", claims),
        TokenFormat::Opaque => {
            let token = OpaqueToken::draw(app.site.entropy.as_ref());
            let (site, digest) = (&app.site, token.digest());
            let kept = site
                .store
                .transact(async |tx| tx.opaque_tokens().insert(&site.id, &digest, claims).await);
            kept.await?;
            Ok(token.expose().to_owned())
        }
    }
}

/// Signs claims with the issuer's key for an algorithm.
pub(crate) fn sign(
    app: &App,
    alg: Algorithm,
    typ: &str,
    claims: &impl Serialize,
) -> Result<String, Failure> {
    let keyring = app.keyring.load();
    let key: &SigningKey = keyring.signing(alg, app.now().unix()).map_err(cannot_sign)?;
    key.sign(typ, claims, app.random.as_ref()).map_err(Failure::broken)
}

/// Asked before anything is spent: whether this node may sign at all (its copy of the keys is young enough).
pub(super) fn ready(app: &App) -> Result<(), Failure> {
    if app.keyring.load().is_fresh(app.now().unix()) {
        return Ok(());
    }
    Err(cannot_sign(CannotSign::Stale))
}

fn cannot_sign(reason: CannotSign) -> Failure {
    tracing::error!(%reason, "cannot sign");
    let sentence = "tokens cannot be signed at the moment: try again";
    Refused::new(ErrorCode::TemporarilyUnavailable, sentence).into()
}

/// A token answer: JSON that nobody may keep (AL-22).
pub(super) fn json(members: &Map<String, Value>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"))
        .json(members)
}
