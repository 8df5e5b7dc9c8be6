//! Whether an access token is one for us (RFC 9068 §4, D-42).

use fireward_fhir::AccessClaims;
use fireward_jose::claims::{Audience, NumericDate};
use fireward_jose::{Header, typ_is};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::failed::{Check, Failed};
use crate::{Config, Trusted, Typ};

/// What is read of the claims of an access token, or of an introspection answer, before they are believed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TokenClaims {
    pub(crate) aud: Audience,
    nbf: Option<NumericDate>,
    cnf: Option<Confirmation>,
    status: Option<Value>,
    azp: Option<String>,
    #[serde(flatten)]
    pub(crate) access: AccessClaims,
}

/// The key that a token is bound to (RFC 7800 §3.1).
#[derive(Debug, Clone, Deserialize)]
struct Confirmation {
    jkt: Option<String>,
    #[serde(rename = "x5t#S256")]
    certificate: Option<String>,
}

/// Where a token's status stands (Token Status List §6.1).
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct StatusList {
    pub(crate) idx: u64,
    pub(crate) uri: String,
}

/// From when until when a token counts, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) not_before: Option<i64>,
    pub(crate) expires_at: i64,
}

/// How a token must be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Binding {
    /// Whoever bears it.
    Bearer,
    /// With a proof of the key of this thumbprint (RFC 9449 §6.1).
    Key(String),
    /// Over a connection with the certificate of this thumbprint (RFC 8705 §3.1).
    Certificate(String),
    /// With both.
    Both {
        /// The thumbprint of the key.
        key: String,
        /// The thumbprint of the certificate.
        certificate: String,
    },
    /// In a way that is not known here.
    Unknown,
}

/// What can be refused before any key is fetched. It proves nothing.
pub(crate) fn precheck(
    header: &Header,
    raw: &Map<String, Value>,
    trusted: &Trusted,
) -> Result<(), Failed> {
    if !typ_is(header.typ.as_deref(), "at+jwt") {
        let plain = header.typ.is_none() || typ_is(header.typ.as_deref(), "JWT");
        let may_be = trusted.typ == Typ::OrPlain && plain;
        Check::Type.ensure(may_be, "it is no access token (typ is not at+jwt)")?;
        is_no_other_kind(raw)?;
    }
    let accepted = trusted.algorithms.contains(&header.alg);
    Check::Algorithm.ensure(accepted, "its algorithm is not accepted here")
}

/// What a token must have, and must not, that does not say that it is an access token (D-42).
fn is_no_other_kind(raw: &Map<String, Value>) -> Result<(), Failed> {
    let has = |name: &&str| raw.contains_key(*name);
    let other = ["nonce", "at_hash", "events"].iter().any(&has);
    Check::Type.ensure(!other, "it is an ID token or a logout token")?;
    let whole = has(&"scope") && (has(&"client_id") || has(&"azp"));
    Check::Type.ensure(whole, "its typ is JWT, and it lacks scope, or client_id and azp")
}

impl TokenClaims {
    /// Reads claims.
    pub(crate) fn of(raw: &Map<String, Value>) -> Result<Self, Failed> {
        let mut claims = Self::deserialize(raw).map_err(|_| {
            Check::Claims.failed("it lacks aud or exp, or a claim of it is malformed")
        })?;
        if claims.access.client_id.is_empty() {
            claims.access.client_id = claims.azp.clone().unwrap_or_default();
        }
        Ok(claims)
    }

    /// Whether the token is for this server: any other is refused, whatever else it may do (AL-26, D-28).
    pub(crate) fn is_for(&self, config: &Config, trusted: &Trusted) -> Result<(), Failed> {
        let ours = trusted.audience.as_ref().unwrap_or(&config.audience);
        if self.aud.iter().any(|aud| same_base(aud, ours)) {
            return Ok(());
        }
        let why = format!("it is for another server, and here its aud must be {ours}");
        Err(Check::Audience.failed(why))
    }

    pub(crate) fn times(&self) -> Times {
        let expires_at = self.access.exp.0;
        Times { not_before: self.nbf.map(|date| date.0), expires_at }
    }

    pub(crate) fn binding(&self) -> Binding {
        let Some(cnf) = self.cnf.clone() else { return Binding::Bearer };
        match (cnf.jkt, cnf.certificate) {
            (Some(key), Some(certificate)) => Binding::Both { key, certificate },
            (Some(key), None) => Binding::Key(key),
            (None, Some(certificate)) => Binding::Certificate(certificate),
            (None, None) => Binding::Unknown,
        }
    }

    /// Where the token's status stands, if in a list. Others say other things in `status`, but what is a list must be
    /// understood.
    pub(crate) fn status(&self) -> Result<Option<StatusList>, Failed> {
        let list = self.status.as_ref().and_then(|status| status.get("status_list"));
        let read = list.map(StatusList::deserialize).transpose();
        read.map_err(|_| Check::Claims.failed("its status_list is malformed"))
    }
}

impl Times {
    /// What is asked at every use. The clocks' difference is no excuse for an expired token (AL-21).
    pub(crate) fn are_now(self, skew: i64, now: i64) -> Result<(), Failed> {
        let begun = self.not_before.is_none_or(|from| from <= now.saturating_add(skew));
        Check::NotBefore.ensure(begun, "it is not valid yet")?;
        Check::Expiry.ensure(now < self.expires_at, "it has expired")
    }
}

/// D-28: one trailing slash is forgiven on either side.
pub(crate) fn same_base(one: &str, other: &str) -> bool {
    one.strip_suffix('/').unwrap_or(one) == other.strip_suffix('/').unwrap_or(other)
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
        let times = |not_before, expires_at| Times { not_before, expires_at };
        assert!(times(None, 100).are_now(30, 99).is_ok());
        assert!(times(None, 100).are_now(30, 100).is_err());
        assert!(times(Some(60), 100).are_now(30, 30).is_ok());
        assert!(times(Some(61), 100).are_now(30, 30).is_err());
    }
}
