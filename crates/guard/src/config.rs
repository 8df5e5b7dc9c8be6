//! Whom a resource server trusts, and as what it is known.

use fireward_jose::Algorithm;
use fireward_outbound::{AddressFault, Configured};

/// The settings of one resource server. Spans are in seconds.
#[derive(Debug, Clone)]
pub struct Config {
    /// The issuer's name, as tokens and its metadata write it.
    pub issuer: String,
    /// Where the issuer is reached from here: behind a proxy, not the address that its name says.
    pub fetch_from: Configured,
    /// This server's FHIR base, which tokens name as their audience.
    pub audience: String,
    /// The algorithms that tokens may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// How far the issuer's clock may be ahead of ours.
    pub skew: i64,
    /// How long a token that was checked is not checked again. Its expiry always is.
    pub remember: i64,
    /// How many tokens are remembered.
    pub remember_at_most: u64,
    /// How long after fetching the keys an unknown `kid` does not make them be fetched again.
    pub refetch_after: i64,
    /// How long the issuer's keys and metadata serve past their time while it does not answer.
    pub last_known_good: i64,
}

impl Config {
    /// For an issuer that is reached under its own name, with cautious spans.
    ///
    /// # Errors
    /// The issuer is not an http or https URL.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
    ) -> Result<Self, AddressFault> {
        let issuer = issuer.into();
        Ok(Self {
            fetch_from: Configured::new(&issuer)?,
            issuer,
            audience: audience.into(),
            algorithms: vec![
                Algorithm::ES256,
                Algorithm::ES384,
                Algorithm::EdDSA,
                Algorithm::PS256,
                Algorithm::RS256,
            ],
            skew: 30,
            remember: 60,
            remember_at_most: 10_000,
            refetch_after: 10,
            last_known_good: 4 * 60 * 60,
        })
    }
}
