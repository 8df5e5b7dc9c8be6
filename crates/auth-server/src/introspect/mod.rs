//! Introspection (RFC 7662, SMART 2.2 token-introspection): who asks, what is behind the token, what they see.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use fireward_oauth::{
    ClientId, ErrorCode, RefreshToken, Refused,
    grants::refresh_token::Found,
    metadata::paths,
    resource_server::ResourceServer,
    token::{Caller, INTROSPECTION_SCOPE, Subject, introspect_access, introspect_refresh},
};
use fireward_scopes::{Scope, ScopeSet};
use fireward_web::{Failure, Form, Visit};
use serde_json::{Map, Value, json};

use crate::{App, challenge, clients, extract, token::bearer};

/// `POST /introspect`
pub(crate) async fn introspect(
    app: Data<App>,
    request: HttpRequest,
    visit: Visit,
    form: Form,
) -> Result<HttpResponse, Failure> {
    let caller =
        clients::Caller { request: &request, visit: &visit, params: &form.params, implied: None };
    let asking = Asking::of(&app, caller).await?;
    let one = |name| form.params.one(name).map_err(|twice| invalid(&twice.to_string()));
    // The hint may be wrong, so both kinds are always tried (RFC 7662 §2.1).
    let _ = one("token_type_hint")?;
    let token = one("token")?.ok_or_else(|| invalid("token is missing"))?;
    let found = match RefreshToken::parse(token) {
        Ok(refresh) => of_refresh(&app, &asking, &refresh).await?,
        Err(_) => of_access(&app, &asking, token).await?,
    };
    // Nothing more is said of an inactive token: not why, nor whether it ever was (TI-5).
    Ok(found.map_or_else(
        || HttpResponse::Ok().json(json!({"active": false})),
        |members| HttpResponse::Ok().json(members),
    ))
}

/// Who asks, proven.
struct Asking {
    client: ClientId,
    sees_all: bool,
    servers: Arc<Vec<ResourceServer>>,
}

impl Asking {
    /// By client authentication, or with an access token that has the scope for it (TI-6, D-30).
    async fn of(app: &App, caller: clients::Caller<'_>) -> Result<Self, Failure> {
        let token = extract::bearer(caller.request, None)
            .map_err(|refused| challenge::invalid_request(app, refused))?;
        let Some(token) = token else {
            let client = clients::authenticate(app, caller, paths::INTROSPECT).await?;
            // RFC 7662 §2.1: whoever has no secret cannot prove that it may ask.
            if client.client().is_public() {
                let sentence = "public clients cannot introspect tokens";
                return Err(Refused::new(ErrorCode::InvalidClient, sentence).into());
            }
            let sees_all = may_introspect(&client.client().scopes);
            let its = |server: &ResourceServer| {
                sees_all || server.introspection_client.as_ref() == Some(client.id())
            };
            let servers = app.site.store.resource_servers_with(&app.site.id, its).await?;
            return Ok(Self { client: client.id().clone(), sees_all, servers });
        };
        let token = bearer::find(app, &token).await?.filter(|token| token.is_live(app));
        let token = token.ok_or_else(|| challenge::invalid_token(app))?;
        // A person cannot allow an app to look into the tokens of others, nor may a FHIR server with what it was shown.
        let may = token.behind.is_none() && token.is_for_us(app) && may_introspect(&token.scopes());
        let servers = app.site.store.resource_servers(&app.site.id).await?;
        match token.client() {
            Some(client) if may => Ok(Self { client, sees_all: true, servers }),
            _ => Err(challenge::insufficient_scope(app, INTROSPECTION_SCOPE)),
        }
    }

    fn caller(&self) -> Caller<'_> {
        Caller { client: &self.client, sees_all: self.sees_all, servers: &self.servers }
    }
}

fn may_introspect(scopes: &ScopeSet) -> bool {
    let right = INTROSPECTION_SCOPE.parse::<Scope>();
    right.is_ok_and(|right| scopes.contains(&right))
}

async fn of_access(
    app: &App,
    asking: &Asking,
    text: &str,
) -> Result<Option<Map<String, Value>>, Failure> {
    let Some(token) = bearer::find(app, text).await? else { return Ok(None) };
    let subject = token.behind.as_ref().map(bearer::Behind::subject);
    Ok(introspect_access(&token.claims, subject, asking.caller(), app.now()))
}

async fn of_refresh(
    app: &App,
    asking: &Asking,
    token: &RefreshToken,
) -> Result<Option<Map<String, Value>>, Failure> {
    let site = &app.site;
    let found = site.store.read().refresh().find(&site.id, &token.family()).await?;
    // Only the newest of a family is worth anything.
    let (policy, now) = (&site.policy, app.now());
    let counts =
        |found: &Found| found.family.current == token.digest() && found.is_online(policy, now);
    let Some(found) = found.filter(counts) else {
        return Ok(None);
    };
    let server = bearer::home(&found.grant, &asking.servers);
    let subject = Subject { grant: &found.grant, user: found.user.as_ref(), server };
    Ok(introspect_refresh(&site.issuer, &found.family, subject, asking.caller(), now))
}

fn invalid(sentence: &str) -> Refused {
    Refused::new(ErrorCode::InvalidRequest, sentence)
}
