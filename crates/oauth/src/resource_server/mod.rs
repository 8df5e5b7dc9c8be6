//! Resource servers: whom tokens are made for. The demo's FHIR server is one row among them.

pub mod registration;

use fireward_jose::Algorithm;
use fireward_scopes::ScopeSet;

use crate::vocabulary::{ClientId, IssuerId, Lifetime, ResourceServerId};

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
    /// Where the issuer itself reaches it, if elsewhere than at its base URL.
    pub address: Option<String>,
    /// `aud` of its access tokens.
    pub audience: String,
    /// What its access tokens look like.
    pub token_format: TokenFormat,
    /// How long its access tokens live at most, where it wants less than the issuer allows.
    pub access_token_lifetime: Option<Lifetime>,
    /// The scopes that exist there.
    pub scopes: ScopeSet,
    /// The client that it introspects tokens as.
    pub introspection_client: Option<ClientId>,
    /// Whose patient ids it uses: servers that share a namespace share patients.
    pub patient_namespace: String,
    /// Whether its patient ids are those that users' own links name ([`Links::home`](crate::people::Links)).
    pub home: bool,
    /// Whether its `RelatedPerson`s open records to the people that they are (SC-15): only where no app may write them.
    pub related_persons: bool,
    /// The versions of FHIR that it speaks, such as `4.0.1` (AL-25).
    pub fhir_versions: Vec<String>,
    /// Further endpoints that its smart-configuration tells of (CF-4).
    pub associated_endpoints: Vec<AssociatedEndpoint>,
    /// Who says what it is.
    pub provenance: Provenance,
}

/// What an access token looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFormat {
    /// `at+jwt` (RFC 9068), not stored.
    Jwt {
        /// What it is signed with.
        alg: Algorithm,
    },
    /// Random text, of which the digest is kept: the server introspects it (RFC 7662).
    Opaque,
}

/// Another endpoint beside a FHIR server, such as one for app state (SMART 2.2 `associated_endpoints`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssociatedEndpoint {
    /// Its base URL.
    pub url: String,
    /// What it can do: `smart-app-state`, or a full URI.
    pub capabilities: Vec<String>,
}

/// Who says what a resource server is, and may therefore change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// The configuration file: it is as the file has it at each start, and gone when the file has it no more.
    Configured,
    /// Somebody registered it while the server ran.
    Registered,
}

/// The version of FHIR that a server speaks where it says none.
pub const FHIR_R4: &str = "4.0.1";

impl Provenance {
    /// As the database and lists spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configured => "configured",
            Self::Registered => "registered",
        }
    }
}

impl ResourceServer {
    /// Whether a request's `aud` or `resource` names this server: one trailing slash does not matter (D-28).
    #[must_use]
    pub fn is_named_by(&self, aud: &str) -> bool {
        let trimmed = |text: &'_ str| text.strip_suffix('/').map_or(text.len(), str::len);
        aud.get(..trimmed(aud)) == self.base_url.get(..trimmed(&self.base_url))
    }

    /// Whether an id means the same patient there.
    #[must_use]
    pub fn shares_patients(&self, other: &Self) -> bool {
        self.patient_namespace == other.patient_namespace
    }

    /// Where the issuer reaches it.
    #[must_use]
    pub fn reached_at(&self) -> &str {
        self.address.as_deref().unwrap_or(&self.base_url)
    }
}

/// Whether `text` can name patient ids that belong together: 1 to 64 characters of `A-Z a-z 0-9 - _ . ~`.
#[must_use]
pub fn is_namespace(text: &str) -> bool {
    let legal = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.~".contains(&octet);
    (1..=64).contains(&text.len()) && text.bytes().all(legal)
}
