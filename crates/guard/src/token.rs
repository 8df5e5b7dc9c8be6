//! Whether an access token is one for us (RFC 9068 §4, D-42).

use fireward_fhir::AccessClaims;
use fireward_jose::claims::{Audience, NumericDate};
use fireward_jose::{Header, typ_is};
use serde::Deserialize;
use serde_json::Value;

use crate::Config;

/// The claims of an access token.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TokenClaims {
    pub(crate) iss: String,
    aud: Audience,
    nbf: Option<NumericDate>,
    /// The key that the token is bound to (RFC 7800 §3.1).
    cnf: Option<Value>,
    #[serde(flatten)]
    pub(crate) access: AccessClaims,
}

/// Why a token is not accepted, to be said to its bearer.
pub(crate) type Reason = &'static str;

/// What can be refused before any key is fetched. It proves nothing.
pub(crate) fn precheck(
    header: &Header,
    claims: &TokenClaims,
    config: &Config,
) -> Result<(), Reason> {
    ensure(typ_is(header.typ.as_deref(), "at+jwt"), "it is no access token (typ is not at+jwt)")?;
    ensure(config.algorithms.contains(&header.alg), "its algorithm is not accepted here")?;
    ensure(claims.iss == config.issuer, "it is from another issuer")
}

/// Whether a token is for this server: any other is refused, whatever else it may do (AL-26, D-28).
pub(crate) fn for_us(claims: &TokenClaims, config: &Config) -> bool {
    claims.aud.iter().any(|aud| same_base(aud, &config.audience))
}

/// What is asked at every use. The clocks' difference is no excuse for an expired token (AL-21).
pub(crate) fn in_time(
    not_before: Option<i64>,
    expires_at: i64,
    skew: i64,
    now: i64,
) -> Result<(), Reason> {
    let begun = not_before.is_none_or(|from| from <= now.saturating_add(skew));
    ensure(begun, "it is not valid yet")?;
    ensure(now < expires_at, "it has expired")
}

impl TokenClaims {
    pub(crate) fn not_before(&self) -> Option<i64> {
        self.nbf.map(|date| date.0)
    }

    /// A bound token shown without proof of its key is a stolen one (RFC 9449 §7.2, RFC 8705 §3).
    pub(crate) fn is_bearer(&self) -> Result<(), Reason> {
        ensure(self.cnf.is_none(), "it is bound to a key, and possession of the key is not shown")
    }
}

/// D-28: one trailing slash is forgiven on either side.
fn same_base(one: &str, other: &str) -> bool {
    one.strip_suffix('/').unwrap_or(one) == other.strip_suffix('/').unwrap_or(other)
}

fn ensure(holds: bool, reason: Reason) -> Result<(), Reason> {
    if holds { Ok(()) } else { Err(reason) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d_28_one_trailing_slash_is_forgiven() {
        for (one, other) in [("http://f/fhir", "http://f/fhir/"), ("http://f/", "http://f")] {
            assert!(same_base(one, other) && same_base(other, one));
        }
        for other in ["http://f/fhir//", "http://f/FHIR", "http://f/fhir/r4", "https://f/fhir", ""]
        {
            assert!(!same_base("http://f/fhir", other), "{other}");
        }
    }

    #[test]
    fn al_21_expiry_is_to_the_second_and_nbf_forgives_the_skew() {
        assert!(in_time(None, 100, 30, 99).is_ok());
        assert!(in_time(None, 100, 30, 100).is_err());
        assert!(in_time(Some(60), 100, 30, 30).is_ok());
        assert!(in_time(Some(61), 100, 30, 30).is_err());
    }
}
