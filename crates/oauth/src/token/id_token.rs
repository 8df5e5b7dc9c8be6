//! ID tokens (`OpenID` Connect Core §2; SMART 2.2 `fhirUser`).

use fireward_jose::{Algorithm, at_hash, claims::NumericDate};
use fireward_scopes::Scope;
use serde::Serialize;

use super::access::{date, fhir_user};
use crate::{
    grants::Grant,
    people::User,
    policy::Policy,
    resource_server::ResourceServer,
    vocabulary::{Issuer, Timestamp},
};

/// The claims of an ID token.
#[derive(Debug, Clone, Serialize)]
pub struct IdClaims {
    iss: String,
    sub: String,
    aud: String,
    exp: NumericDate,
    iat: NumericDate,
    auth_time: NumericDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    amr: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    #[serde(rename = "fhirUser", skip_serializing_if = "Option::is_none")]
    fhir_user: Option<String>,
}

/// What an ID token is made from, besides its grant.
#[derive(Debug, Clone, Copy)]
pub struct IdToken<'a> {
    /// Who signed in.
    pub user: &'a User,
    /// The FHIR server that `fhirUser` is at.
    pub server: Option<&'a ResourceServer>,
    /// `nonce` of the request; none on refresh.
    pub nonce: Option<&'a str>,
    /// The access token beside it, for `at_hash`.
    pub access_token: &'a str,
    /// What it will be signed with.
    pub alg: Algorithm,
}

/// The ID token of a grant. A refreshed one keeps `iss`, `sub`, `aud` and `auth_time` (D-11).
#[must_use]
pub fn id_token(
    issuer: &Issuer,
    grant: &Grant,
    from: IdToken<'_>,
    (policy, now): (&Policy, Timestamp),
) -> IdClaims {
    let named = grant.granted.contains(&Scope::FhirUser);
    IdClaims {
        iss: issuer.as_str().to_owned(),
        sub: grant.subject.as_str().to_owned(),
        aud: grant.client.as_str().to_owned(),
        exp: date(now.plus(policy.id_token)),
        iat: date(now),
        auth_time: date(grant.auth_time),
        nonce: from.nonce.map(str::to_owned),
        amr: grant.amr.clone(),
        at_hash: Some(at_hash(from.alg, from.access_token)),
        sid: grant.sid.clone(),
        fhir_user: if named { fhir_user(from.user, from.server) } else { None },
    }
}
