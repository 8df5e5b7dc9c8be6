//! One issuer that is trusted, and how far.

use std::fmt;
use std::sync::Arc;

use fireward_jose::backend::rand::SecureRandom;
use fireward_jose::{Algorithm, JwkSet, SigningKey};
use fireward_outbound::{AddressFault, Configured};
use fireward_scopes::ScopeSet;

/// An issuer whose tokens are accepted. Spans are in seconds.
#[derive(Debug, Clone)]
pub struct Trusted {
    /// Its name, as tokens and its metadata write it.
    pub issuer: String,
    /// Where it is reached from here: behind a proxy, not the address that its name says.
    pub fetch_from: Configured,
    /// Where its keys are.
    pub keys: Keys,
    /// What it calls this server in `aud`, where that is not the FHIR base.
    pub audience: Option<String>,
    /// The algorithms that its tokens may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// How its tokens say what they are.
    pub typ: Typ,
    /// What its tokens look like.
    pub format: TokenFormat,
    /// The most that its tokens may open here; all that they say where not given.
    pub cap: Option<ScopeSet>,
    /// How its tokens are looked into, where [`Trusted::format`] wants that.
    pub introspection: Option<Introspection>,
    /// What its status lists count for.
    pub status: StatusLists,
}

/// Where the keys of an issuer are.
#[derive(Debug, Clone)]
pub enum Keys {
    /// Where its metadata says.
    Discovered,
    /// Here.
    At(Configured),
    /// In this process, which may be the issuer's own.
    Given(Arc<JwkSet>),
}

/// What `typ` the tokens of an issuer have (D-42).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typ {
    /// `at+jwt` (RFC 9068 §2.1).
    AccessToken,
    /// That, or `JWT`, as of issuers that are older than RFC 9068: then only what cannot be another kind of token.
    OrPlain,
}

/// What the tokens of an issuer look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFormat {
    /// JWTs, checked with the issuer's keys.
    Jwt,
    /// Anything: the issuer is asked about each.
    Introspection,
    /// JWTs, checked with the issuer's keys, and others, about which it is asked.
    Either,
}

/// How an issuer is asked about a token (RFC 7662).
#[derive(Debug, Clone)]
pub struct Introspection {
    /// Where; as its metadata says where not given.
    pub endpoint: Option<Configured>,
    /// As whom.
    pub credential: Credential,
    /// How long an answer is kept that a token is active: no longer than the token lives.
    pub keep: i64,
    /// How long an answer is kept that it is not.
    pub keep_inactive: i64,
    /// How many answers are kept.
    pub at_most: u64,
}

/// How a resource server says who it is.
#[derive(Clone)]
pub enum Credential {
    /// With a secret, by Basic (RFC 6749 §2.3.1).
    Secret {
        /// The client.
        client: String,
        /// Its secret.
        secret: String,
    },
    /// With a signed assertion (RFC 7523 §2.2, `private_key_jwt`).
    Key {
        /// The client.
        client: String,
        /// Its key.
        key: Arc<SigningKey>,
        /// Where ids of assertions come from.
        random: Arc<dyn SecureRandom + Send + Sync>,
    },
}

/// What the status lists of an issuer count for (Token Status List).
#[derive(Debug, Clone)]
pub struct StatusLists {
    /// Within how many seconds a change in a list counts here, whatever longer time the list allows.
    pub honour_within: i64,
    /// What becomes of a token while its list cannot be had.
    pub unreachable: Unreachable,
    /// Where lists may be besides below the issuer: prefixes of their addresses.
    pub elsewhere: Vec<String>,
}

/// What becomes of a token while its status cannot be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// It is not accepted for now (503).
    Refuse,
    /// It is accepted as the last list said, and where there is none as if it were valid.
    Accept,
}

impl Trusted {
    /// An issuer that is reached under its own name and gives JWTs.
    ///
    /// # Errors
    /// The issuer is not an http or https URL.
    pub fn new(issuer: impl Into<String>) -> Result<Self, AddressFault> {
        let issuer = issuer.into();
        Ok(Self {
            fetch_from: Configured::new(&issuer)?,
            issuer,
            keys: Keys::Discovered,
            audience: None,
            algorithms: vec![
                Algorithm::ES256,
                Algorithm::ES384,
                Algorithm::EdDSA,
                Algorithm::PS256,
                Algorithm::RS256,
            ],
            typ: Typ::AccessToken,
            format: TokenFormat::Jwt,
            cap: None,
            introspection: None,
            status: StatusLists::default(),
        })
    }
}

impl Introspection {
    /// As this client, with cautious spans.
    #[must_use]
    pub fn new(credential: Credential) -> Self {
        Self { endpoint: None, credential, keep: 30, keep_inactive: 10, at_most: 10_000 }
    }
}

impl Default for StatusLists {
    fn default() -> Self {
        Self { honour_within: 300, unreachable: Unreachable::Refuse, elsewhere: Vec::new() }
    }
}

impl Credential {
    /// Who asks.
    #[must_use]
    pub fn client(&self) -> &str {
        match self {
            Self::Secret { client, .. } | Self::Key { client, .. } => client,
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Secret { .. } => "Secret",
            Self::Key { .. } => "Key",
        };
        f.debug_struct(kind).field("client", &self.client()).finish_non_exhaustive()
    }
}
