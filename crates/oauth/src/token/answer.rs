//! The token answer (RFC 6749 §5.1, AL-20): launch context is top level, numbers are numbers.

use serde_json::{Map, Value};

use super::{AccessClaims, details};
use crate::{launch::LaunchContext, resource_server::ResourceServer, vocabulary::RefreshToken};

/// The members of the answer; what is absent is not there.
#[must_use]
pub fn token_answer(
    access_token: String,
    claims: &AccessClaims,
    id_token: Option<String>,
    refresh_token: Option<&RefreshToken>,
    (server, context): (Option<&ResourceServer>, Option<&LaunchContext>),
) -> Map<String, Value> {
    let mut members = context.map(LaunchContext::members).unwrap_or_default();
    details::tell(&mut members, server, context);
    members.insert("access_token".to_owned(), access_token.into());
    members.insert("token_type".to_owned(), "Bearer".into());
    members.insert("expires_in".to_owned(), (claims.exp.0 - claims.iat.0).into());
    members.insert("scope".to_owned(), claims.scope.as_str().into());
    if let Some(id_token) = id_token {
        members.insert("id_token".to_owned(), id_token.into());
    }
    if let Some(refresh_token) = refresh_token {
        members.insert("refresh_token".to_owned(), refresh_token.expose().into());
    }
    members
}
