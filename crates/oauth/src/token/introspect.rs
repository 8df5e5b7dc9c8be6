//! Introspection (RFC 7662, SMART 2.2 token-introspection; D-30): who sees what.

use fireward_scopes::Scope;
use serde_json::{Map, Value};

use super::{AccessClaims, access::fhir_user, details};
use crate::{
    grants::{Grant, refresh_token::RefreshFamily},
    people::User,
    resource_server::ResourceServer,
    vocabulary::{ClientId, Issuer, Timestamp},
};

/// The scope with which a caller may introspect any client's tokens (TI-6).
pub const INTROSPECTION_SCOPE: &str = "https://fireward.dev/scopes/introspection";

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// The client that asks.
    pub client: &'a ClientId,
    /// Whether it holds [`INTROSPECTION_SCOPE`].
    pub sees_all: bool,
    /// The resource servers of the issuer.
    pub servers: &'a [ResourceServer],
}

impl Caller<'_> {
    /// Its own tokens, those made for it, or all (D-30).
    fn sees(self, client: &str, audience: impl Fn(&str) -> bool) -> bool {
        let for_it = |server: &ResourceServer| {
            server.introspection_client.as_ref() == Some(self.client) && audience(&server.audience)
        };
        self.sees_all || self.client.as_str() == client || self.servers.iter().any(for_it)
    }
}

/// What is behind a token with a person: its grant, that person, and where it counts.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The grant.
    pub grant: &'a Grant,
    /// Whose it is; `None` when the account is gone.
    pub user: Option<&'a User>,
    /// The FHIR server it counts at.
    pub server: Option<&'a ResourceServer>,
}

impl Subject<'_> {
    fn is_live(&self, servers: &[ResourceServer], now: Timestamp) -> bool {
        let held = self.user.is_some_and(|user| self.grant.is_held_by(user, servers, now));
        held && self.grant.is_live(now)
    }
}

/// What a caller is told of a verified access token whose `jti` is not revoked; `None` means inactive.
#[must_use]
pub fn introspect_access(
    claims: &AccessClaims,
    subject: Option<Subject<'_>>,
    caller: Caller<'_>,
    now: Timestamp,
) -> Option<Map<String, Value>> {
    let seen = caller.sees(&claims.client_id, |audience| claims.aud.contains(audience));
    let behind = match (&claims.grant_id, subject) {
        (None, None) => true,
        (Some(id), Some(subject)) => {
            subject.grant.id.as_str() == id && subject.is_live(caller.servers, now)
        }
        (None, Some(_)) | (Some(_), None) => false,
    };
    if !seen || !behind || now.unix() >= claims.exp.0 {
        return None;
    }
    let mut members = subject.map(|subject| subject.grant.context.members()).unwrap_or_default();
    let server = caller.servers.iter().find(|server| claims.aud.contains(&server.audience));
    details::tell(&mut members, server, subject.map(|subject| &subject.grant.context));
    insert(&mut members, "active", true);
    insert(&mut members, "scope", claims.scope.as_str());
    insert(&mut members, "client_id", claims.client_id.as_str());
    insert(&mut members, "exp", claims.exp.0);
    insert(&mut members, "iat", claims.iat.0);
    insert(&mut members, "sub", claims.sub.as_str());
    insert(&mut members, "aud", serde_json::to_value(&claims.aud).unwrap_or_default());
    insert(&mut members, "iss", claims.iss.as_str());
    insert(&mut members, "jti", claims.jti.as_str());
    insert(&mut members, "token_type", "Bearer");
    if let Some(group) = &claims.fireward_group {
        insert(&mut members, "fireward_group", group.as_str());
    }
    if !claims.fireward_state_systems.is_empty() {
        let systems = serde_json::to_value(&claims.fireward_state_systems);
        insert(&mut members, "fireward_state_systems", systems.unwrap_or_default());
    }
    if let Some(subject) = subject {
        about_user(&mut members, subject);
    }
    Some(members)
}

/// What a caller is told of the newest refresh token of a family; `None` means inactive.
#[must_use]
pub fn introspect_refresh(
    issuer: &Issuer,
    family: &RefreshFamily,
    subject: Subject<'_>,
    caller: Caller<'_>,
    now: Timestamp,
) -> Option<Map<String, Value>> {
    if !caller.sees(family.client.as_str(), |_| false) || !subject.is_live(caller.servers, now) {
        return None;
    }
    let mut members = subject.grant.context.members();
    let (server, context) = (subject.grant.server(caller.servers), &subject.grant.context);
    details::tell(&mut members, server, Some(context));
    insert(&mut members, "active", true);
    insert(&mut members, "scope", subject.grant.granted.to_string());
    insert(&mut members, "client_id", family.client.as_str());
    insert(&mut members, "exp", subject.grant.until.unix());
    insert(&mut members, "sub", subject.grant.subject.as_str());
    insert(&mut members, "iss", issuer.as_str());
    about_user(&mut members, subject);
    Some(members)
}

/// TI-4: who the ID token named.
fn about_user(members: &mut Map<String, Value>, subject: Subject<'_>) {
    let Some(user) = subject.user else { return };
    insert(members, "username", user.username.as_str());
    if subject.grant.granted.contains(&Scope::FhirUser)
        && let Some(reference) = fhir_user(user, subject.server)
    {
        insert(members, "fhirUser", reference);
    }
}

fn insert(members: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    members.insert(name.to_owned(), value.into());
}
