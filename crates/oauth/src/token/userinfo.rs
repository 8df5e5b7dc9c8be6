//! `UserInfo` (`OpenID` Connect Core §5.3): what the scopes of a token tell of its user.

use fireward_scopes::{Scope, ScopeSet};
use serde_json::{Map, Value};

use super::access::fhir_user;
use crate::{people::User, resource_server::ResourceServer};

/// The claims for `scopes` (D-22); `sub` always.
#[must_use]
pub fn userinfo(
    user: &User,
    scopes: &ScopeSet,
    server: Option<&ResourceServer>,
) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut tell = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    tell("sub", user.id.as_str().into());
    if scopes.contains(&Scope::Profile) {
        tell("name", user.name.as_str().into());
        tell("preferred_username", user.username.as_str().into());
        tell("updated_at", user.updated_at.unix().into());
    }
    if scopes.contains(&Scope::Email)
        && let Some(email) = &user.email
    {
        tell("email", email.as_str().into());
        tell("email_verified", false.into());
    }
    if scopes.contains(&Scope::FhirUser)
        && let Some(reference) = fhir_user(user, server)
    {
        tell("fhirUser", reference.into());
    }
    claims
}
