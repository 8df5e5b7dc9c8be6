//! Resource servers: whom tokens are made for. The demo's FHIR server is one row among them.

use fireward_jose::Algorithm;
use fireward_scopes::ScopeSet;

use crate::vocabulary::{ClientId, IssuerId, ResourceServerId};

/// A FHIR server, or another API, that trusts an issuer's tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceServer {
    /// The issuer it trusts.
    pub issuer: IssuerId,
    /// Its name in configuration and database.
    pub id: ResourceServerId,
    /// What people call it.
    pub name: String,
    /// Its FHIR base URL, without a trailing slash: what `aud` and `resource` must equal (D-28).
    pub base_url: String,
    /// `aud` of its access tokens.
    pub audience: String,
    /// What its access tokens look like.
    pub token_format: TokenFormat,
    /// The scopes that exist there.
    pub scopes: ScopeSet,
    /// The client that it introspects tokens as.
    pub introspection_client: Option<ClientId>,
    /// Whose patient ids it uses: servers that share a namespace share patients.
    pub patient_namespace: String,
}

/// What an access token looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFormat {
    /// `at+jwt` (RFC 9068), not stored.
    Jwt {
        /// What it is signed with.
        alg: Algorithm,
    },
}

impl ResourceServer {
    /// Whether a request's `aud` or `resource` names this server: one trailing slash does not matter (D-28).
    #[must_use]
    pub fn is_named_by(&self, aud: &str) -> bool {
        let trimmed = |text: &'_ str| text.strip_suffix('/').map_or(text.len(), str::len);
        aud.get(..trimmed(aud)) == self.base_url.get(..trimmed(&self.base_url))
    }
}
