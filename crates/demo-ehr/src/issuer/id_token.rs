//! What an ID token must hold before anybody is signed in by it (OpenID Connect Core §3.1.3.7).

use fireward_jose::{
    Algorithm, JwkSet, Unverified,
    claims::{Audience, NumericDate},
};
use serde::Deserialize;

/// The claims that the EHR reads.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct IdClaims {
    iss: String,
    aud: Audience,
    exp: NumericDate,
    nonce: Option<String>,
    azp: Option<String>,
    /// The clinician's own record, absolute or relative to the FHIR base (SMART App Launch 2.2, `fhirUser`).
    #[serde(rename = "fhirUser")]
    pub(crate) fhir_user: Option<String>,
    pub(crate) name: Option<String>,
}

/// What an ID token is held against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: i64,
}

/// Why an ID token signs nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotSignedIn {
    #[error("the ID token is no signed token")]
    Malformed,
    #[error("no key of the issuer is for the ID token")]
    NoKey,
    #[error("the ID token's signature is invalid")]
    BadSignature,
    #[error("the ID token is by another issuer")]
    Issuer,
    #[error("the ID token is for another client")]
    Audience,
    #[error("the ID token has expired")]
    Expired,
    #[error("the ID token answers another request")]
    Nonce,
}

/// Algorithms that the EHR takes an ID token in. The issuer signs with RS256 unless told otherwise.
const ALLOWED: [Algorithm; 4] =
    [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::ES384];
/// How far two clocks may be apart.
const SKEW: i64 = 60;

/// Verifies an ID token with the issuer's keys and holds it against what was asked.
pub(crate) fn verify(
    token: &str,
    keys: &JwkSet,
    expected: Expected<'_>,
) -> Result<IdClaims, NotSignedIn> {
    let token = Unverified::<IdClaims>::parse(token).map_err(|_| NotSignedIn::Malformed)?;
    let header = token.header();
    let key = keys.select(header.alg, header.kid.as_deref()).map_err(|_| NotSignedIn::NoKey)?;
    let claims = token.verify(key, &ALLOWED).map_err(|_| NotSignedIn::BadSignature)?.into_claims();
    let authorised_party = claims.azp.as_deref().is_none_or(|azp| azp == expected.client_id);
    ensure(claims.iss == expected.issuer, NotSignedIn::Issuer)?;
    ensure(claims.aud.contains(expected.client_id) && authorised_party, NotSignedIn::Audience)?;
    ensure(expected.now < claims.exp.0.saturating_add(SKEW), NotSignedIn::Expired)?;
    ensure(claims.nonce.as_deref() == Some(expected.nonce), NotSignedIn::Nonce)?;
    Ok(claims)
}

fn ensure(holds: bool, otherwise: NotSignedIn) -> Result<(), NotSignedIn> {
    if holds { Ok(()) } else { Err(otherwise) }
}
