//! Clients: who they are, how they prove it, and what they may ask (RFC 6749 §2, RFC 7591 §2).

pub mod auth;
pub mod registration;
mod state_systems;

pub use state_systems::{is_own_state, state_systems};

use std::collections::BTreeSet;

use fireward_jose::{Algorithm, JwkSet};
use fireward_scopes::ScopeSet;

use crate::vocabulary::{ClientId, IssuerId, Lifetime, RedirectUri, SecretHash, Timestamp};

/// The client id of the authorization server itself, when it looks records up; no client may be registered by it.
pub const OURSELVES: &str = "fireward";

/// A registered client of one issuer.
#[derive(Debug, Clone)]
pub struct Client {
    /// The issuer that knows it.
    pub issuer: IssuerId,
    /// Its `client_id`.
    pub id: ClientId,
    /// Which rules it is held to.
    pub profile: Profile,
    /// How it proves who it is.
    pub auth: ClientAuth,
    /// Where answers may go (exactly; D-24).
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a browser may go after logout.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where an EHR may open it (SMART 2.2 app-launch); exact URLs.
    pub launch_uris: Vec<String>,
    /// The grants it may use.
    pub grant_types: BTreeSet<GrantType>,
    /// The scopes it may be granted at most.
    pub scopes: ScopeSet,
    /// Whether people are asked before it gets anything.
    pub consent: ConsentPolicy,
    /// How its authorization requests come, and how they are answered.
    pub requests: RequestRules,
    /// The algorithm of its ID tokens.
    pub id_token_alg: Algorithm,
    /// Serves `fhirclient` versions that take RFC 9207's `iss` for a FHIR base (D-06).
    pub omit_iss: bool,
    /// Lifetime of its access tokens where it differs from the issuer's.
    pub access_token_lifetime: Option<Lifetime>,
    /// The group, as `Group/id`, whose members' records are all that its `system/` scopes open.
    pub group: Option<String>,
    /// What people are shown of it.
    pub about: About,
    /// Whether it may do anything at all.
    pub status: Status,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How the authorization requests of a client come, and how they are answered.
#[derive(Debug, Clone, Default)]
pub struct RequestRules {
    /// `require_pushed_authorization_requests` (RFC 9126 §6).
    pub pushed: bool,
    /// `require_signed_request_object` (RFC 9101 §10.5).
    pub signed: bool,
    /// `request_object_signing_alg`, where it pinned one.
    pub object_alg: Option<Algorithm>,
    /// The public keys of a client that proves who it is in another way.
    pub keys: Option<KeySource>,
    /// `authorization_signed_response_alg`, where it named one (JARM §3).
    pub answer_alg: Option<Algorithm>,
}

/// What people are shown of a client (RFC 7591 §2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// `client_name`.
    pub name: String,
    /// Who publishes it: `org_name` of the registration.
    pub publisher: Option<String>,
    /// Whether this organisation has reviewed it.
    pub reviewed: bool,
    /// `client_uri`.
    pub client_uri: Option<String>,
    /// `logo_uri`.
    pub logo_uri: Option<String>,
    /// `policy_uri`.
    pub policy_uri: Option<String>,
    /// `tos_uri`.
    pub tos_uri: Option<String>,
}

/// Which rules a client is held to (D-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// SMART App Launch 2.2.
    Smart,
    /// `OpenID` Connect Core.
    Oidc,
    /// OAuth 2.1.
    OAuth21,
}

impl Profile {
    /// Every profile.
    pub const VARIANTS: [Self; 3] = [Self::Smart, Self::Oidc, Self::OAuth21];

    /// As configuration and database spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Smart => "smart",
            Self::Oidc => "oidc",
            Self::OAuth21 => "oauth2.1",
        }
    }
}

/// How a client proves who it is; a public client with a secret cannot be written.
#[derive(Debug, Clone)]
pub enum ClientAuth {
    /// A public client.
    None,
    /// `client_secret_basic` or `client_secret_post`; two secrets may live, for rotation.
    Secret {
        /// The one method it registered.
        method: SecretMethod,
        /// The secrets that it may use.
        live: Vec<SecretHash>,
    },
    /// `private_key_jwt` (RFC 7523).
    Keys {
        /// Where its public keys are.
        source: KeySource,
        /// `token_endpoint_auth_signing_alg`, where it pinned one.
        alg: Option<Algorithm>,
    },
}

/// Where a client presents its secret (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretMethod {
    /// In the `Authorization` header.
    Basic,
    /// In the form.
    Post,
}

/// Where a client's public keys are (RFC 7591 §2).
#[derive(Debug, Clone)]
pub enum KeySource {
    /// `jwks`.
    Inline(JwkSet),
    /// `jwks_uri`.
    Url(String),
}

/// The grants that the token endpoint knows; metadata and registration read `VARIANTS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrantType {
    /// RFC 6749 §4.1
    AuthorizationCode,
    /// RFC 6749 §6
    RefreshToken,
    /// RFC 6749 §4.4
    ClientCredentials,
}

impl GrantType {
    /// Every grant type.
    pub const VARIANTS: [Self; 3] =
        [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    /// The value of `grant_type`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// The grant type of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::VARIANTS.into_iter().find(|grant| grant.as_str() == text)
    }
}

/// Whether people are asked before a client gets anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentPolicy {
    /// They are.
    Ask,
    /// It belongs to the organisation, such as its own EHR: it is not asked about.
    Trusted,
}

/// Whether a client or user may do anything at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It may.
    Active,
    /// It may not (A13, F7).
    Disabled,
}

impl Client {
    /// Whether it has nothing to prove who it is with.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        matches!(self.auth, ClientAuth::None)
    }

    /// Where its public keys are, if it has any.
    #[must_use]
    pub const fn keys(&self) -> Option<&KeySource> {
        match &self.auth {
            ClientAuth::Keys { source, .. } => Some(source),
            ClientAuth::None | ClientAuth::Secret { .. } => self.requests.keys.as_ref(),
        }
    }

    /// What its authorization answers are signed with; RS256 unless it named another (JARM §3).
    #[must_use]
    pub fn answer_alg(&self) -> Algorithm {
        self.requests.answer_alg.unwrap_or(Algorithm::RS256)
    }

    /// The registered redirect URI that `asked` names, if any.
    #[must_use]
    pub fn admits_redirect(&self, asked: &str) -> bool {
        self.redirect_uris.iter().any(|registered| registered.admits(asked))
    }
}
