//! The JOSE header (RFC 7515 §4), of which only what we act on is read.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use crate::{Algorithm, Malformed, json};

/// What a token says about how it is signed. None of it is proven before the signature is checked,
/// and `jwk`, `x5c` and `x5u` are not read at all: a token does not choose its own key (RFC 8725 §2.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The algorithm; one that we do not accept never gets this far.
    pub alg: Algorithm,
    /// Which key of the signer's set, an opaque string (RFC 7515 §4.1.4).
    pub kid: Option<String>,
    /// What kind of token, compared with [`typ_is`] (RFC 7515 §4.1.9).
    pub typ: Option<String>,
    /// What the payload is; `JWT` for a nested token (RFC 7519 §5.2).
    pub cty: Option<String>,
    /// Where the signer says its keys are; to be compared with what is registered, never fetched.
    pub jku: Option<String>,
}

impl Header {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let raw: Raw = json::from_slice(bytes).map_err(|_| Malformed::Header)?;
        // We understand no extension, so a critical one must be refused (RFC 7515 §4.1.11).
        if raw.crit {
            return Err(Malformed::Critical);
        }
        let alg = raw.alg.parse().map_err(|_| Malformed::Algorithm)?;
        Ok(Self { alg, kid: raw.kid, typ: raw.typ, cty: raw.cty, jku: raw.jku })
    }
}

/// Compares `typ` as a media type: without regard to case, `application/` optional (RFC 7515 §4.1.9).
#[must_use]
pub fn typ_is(header_typ: Option<&str>, expected: &str) -> bool {
    header_typ.is_some_and(|typ| bare(typ).eq_ignore_ascii_case(bare(expected)))
}

fn bare(typ: &str) -> &str {
    match typ.split_once('/') {
        Some((tree, name)) if tree.eq_ignore_ascii_case("application") => name,
        _ => typ,
    }
}

#[derive(Deserialize)]
struct Raw {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<String>,
    jku: Option<String>,
    /// Whether it is there, whatever its value.
    #[serde(default, deserialize_with = "is_there")]
    crit: bool,
}

fn is_there<'de, D: Deserializer<'de>>(reader: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(reader).map(|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d_13_typ_is_a_media_type() {
        for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
            assert!(typ_is(Some(typ), "at+jwt"), "{typ}");
        }
        for typ in ["JWT", "at+jwt ", "text/at+jwt", "application/application/at+jwt", ""] {
            assert!(!typ_is(Some(typ), "at+jwt"), "{typ}");
        }
        assert!(!typ_is(None, "at+jwt"));
    }
}
