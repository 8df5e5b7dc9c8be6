//! Access tokens as JWT (RFC 9068), not stored: they carry `jti` and the grant they come of.

use fireward_jose::claims::{Audience, NumericDate};
use fireward_scopes::ScopeSet;
use serde::{Deserialize, Serialize};

use crate::{
    client::{Client, state_systems},
    grants::Grant,
    people::User,
    policy::Policy,
    resource_server::ResourceServer,
    vocabulary::{Issuer, Jti, Lifetime, Timestamp},
};

/// The claims of an `at+jwt`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The issuer.
    pub iss: String,
    /// The user; or the client, where there is no user.
    pub sub: String,
    /// The resource server.
    pub aud: Audience,
    /// The client.
    pub client_id: String,
    /// When it ends.
    pub exp: NumericDate,
    /// When it was made.
    pub iat: NumericDate,
    /// Its id.
    pub jti: String,
    /// What it allows, as the token answer says it.
    pub scope: String,
    /// The grant that it comes of; absent when the client acts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<String>,
    /// When the user signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<NumericDate>,
    /// The patient in context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<String>,
    /// The encounter in context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encounter: Option<String>,
    /// The user's FHIR resource, absolute.
    #[serde(default, rename = "fhirUser", skip_serializing_if = "Option::is_none")]
    pub fhir_user: Option<String>,
    /// The group whose members' records are all that the token opens, as `Group/id`: the bound of its client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fireward_group: Option<String>,
    /// The code systems in which the app keeps its state, where the token is for state at all. A claim of ours (AS-7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fireward_state_systems: Vec<String>,
}

/// The access token of a grant, for `scopes` of it.
#[must_use]
pub fn access(
    issuer: &Issuer,
    (grant, client, user): (&Grant, &Client, &User),
    server: Option<&ResourceServer>,
    (scopes, jti): (&ScopeSet, &Jti),
    (policy, now): (&Policy, Timestamp),
) -> AccessClaims {
    let lifetime = client.access_token_lifetime.unwrap_or(policy.access_token);
    let lifetime = no_longer_than(lifetime, server);
    // A token never outlives its grant.
    let exp = now.plus(lifetime).min(grant.until);
    AccessClaims {
        iss: issuer.as_str().to_owned(),
        sub: grant.subject.as_str().to_owned(),
        aud: audience(issuer, server),
        client_id: grant.client.as_str().to_owned(),
        exp: date(exp),
        iat: date(now),
        jti: jti.as_str().to_owned(),
        scope: scopes.to_string(),
        grant_id: Some(grant.id.as_str().to_owned()),
        auth_time: Some(date(grant.auth_time)),
        patient: grant.context.patient.clone(),
        encounter: grant.context.encounter.clone(),
        fhir_user: fhir_user(user, server),
        fireward_group: None,
        fireward_state_systems: state_systems(client, scopes, issuer),
    }
}

/// What a client gets for itself.
#[derive(Debug, Clone, Copy)]
pub struct ForItself<'a> {
    /// The client.
    pub client: &'a Client,
    /// What it was granted.
    pub scopes: &'a ScopeSet,
    /// Where it counts.
    pub server: Option<&'a ResourceServer>,
}

/// The access token of a client that acts for itself (SMART 2.2 backend-services, BS-5).
#[must_use]
pub fn for_itself(
    issuer: &Issuer,
    ask: ForItself<'_>,
    jti: &Jti,
    (policy, now): (&Policy, Timestamp),
) -> AccessClaims {
    let own = ask.client.access_token_lifetime.unwrap_or(policy.backend_token);
    let id = ask.client.id.as_str();
    AccessClaims {
        iss: issuer.as_str().to_owned(),
        sub: id.to_owned(),
        aud: audience(issuer, ask.server),
        client_id: id.to_owned(),
        exp: date(now.plus(no_longer_than(own.min(policy.backend_token), ask.server))),
        iat: date(now),
        jti: jti.as_str().to_owned(),
        scope: ask.scopes.to_string(),
        grant_id: None,
        auth_time: None,
        patient: None,
        encounter: None,
        fhir_user: None,
        fireward_group: ask.client.group.clone(),
        fireward_state_systems: state_systems(ask.client, ask.scopes, issuer),
    }
}

/// A resource server may want its tokens shorter, never longer: keys are kept for no longer than the issuer's own.
fn no_longer_than(lifetime: Lifetime, server: Option<&ResourceServer>) -> Lifetime {
    let wanted = server.and_then(|server| server.access_token_lifetime);
    wanted.map_or(lifetime, |wanted| wanted.min(lifetime))
}

/// The resource server; for plain sign-in the issuer itself, whose `UserInfo` it opens.
fn audience(issuer: &Issuer, server: Option<&ResourceServer>) -> Audience {
    Audience::One(server.map_or(issuer.as_str(), |server| server.audience.as_str()).to_owned())
}

/// `fhirUser` as an absolute URL (SC-20).
pub(super) fn fhir_user(user: &User, server: Option<&ResourceServer>) -> Option<String> {
    let reference = user.links.at(server).fhir_user.as_deref()?;
    Some(
        server.map_or_else(
            || reference.to_owned(),
            |server| format!("{}/{reference}", server.base_url),
        ),
    )
}

pub(super) const fn date(moment: Timestamp) -> NumericDate {
    NumericDate(moment.unix())
}
