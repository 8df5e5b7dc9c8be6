//! What a resource server is known as, whom it trusts, and how strict it is.

use fireward_outbound::{AddressFault, Configured};

use crate::{Basic, Certificates, Dpop, Trusted};

/// The settings of one resource server. Spans are in seconds.
#[derive(Debug, Clone)]
pub struct Config {
    /// This server's FHIR base, which tokens name as their audience.
    pub audience: String,
    /// Whose tokens are accepted. The first is at home: its documents are republished, and opaque tokens go to the
    /// first that looks into such.
    pub issuers: Vec<Trusted>,
    /// Whether anything is checked at all.
    pub protection: Protection,
    /// How far an issuer's clock may be ahead of ours.
    pub skew: i64,
    /// How long a token that was checked is not checked again. Its expiry and its status always are.
    pub remember: i64,
    /// How many tokens are remembered.
    pub remember_at_most: u64,
    /// How long after fetching an issuer's keys an unknown `kid` does not make them be fetched again.
    pub refetch_after: i64,
    /// How long an issuer's keys and metadata serve past their time while it does not answer.
    pub last_known_good: i64,
    /// Proofs of possession by `DPoP` (RFC 9449).
    pub dpop: Dpop,
    /// Where the certificate of a client is found (RFC 8705 §3).
    pub certificates: Certificates,
    /// User names and passwords (RFC 7617); none are taken where not given.
    pub basic: Option<Basic>,
    /// Whether a request may carry a password beside its token, of which both must be good (D-43).
    pub dual_credentials: bool,
}

/// Whether requests need a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Always.
    On,
    /// Never: everybody may do everything. For a server on one's own machine, while one looks for a fault.
    Off,
}

impl Config {
    /// For one issuer that is reached under its own name, with cautious spans.
    ///
    /// # Errors
    /// The issuer is not an http or https URL.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
    ) -> Result<Self, AddressFault> {
        Ok(Self::trusting(vec![Trusted::new(issuer)?], audience))
    }

    /// For these issuers.
    #[must_use]
    pub fn trusting(issuers: Vec<Trusted>, audience: impl Into<String>) -> Self {
        Self {
            audience: audience.into(),
            issuers,
            protection: Protection::On,
            skew: 30,
            remember: 60,
            remember_at_most: 10_000,
            refetch_after: 10,
            last_known_good: 4 * 60 * 60,
            dpop: Dpop::default(),
            certificates: Certificates::None,
            basic: None,
            dual_credentials: false,
        }
    }

    /// A server that asks nobody for a token.
    #[must_use]
    pub fn unprotected(audience: impl Into<String>) -> Self {
        Self { protection: Protection::Off, ..Self::trusting(Vec::new(), audience) }
    }

    /// The same, with the issuer at home reached elsewhere than under its name.
    #[must_use]
    pub fn reached_at(mut self, address: Configured) -> Self {
        if let Some(home) = self.issuers.first_mut() {
            home.fetch_from = address;
        }
        self
    }
}
