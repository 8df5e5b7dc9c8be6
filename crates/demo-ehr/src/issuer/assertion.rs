//! How the EHR proves who it is to the token endpoint: `private_key_jwt` (RFC 7523 §3, SMART App Launch 2.2
//! client-confidential-asymmetric).

use fireward_jose::SigningKey;
use serde::Serialize;

use crate::{failure::Failure, sources::Sources};

pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    jti: String,
}

/// A fresh assertion for one request. The issuer takes none that lives longer than five minutes, nor one twice.
pub(super) fn make(
    key: &SigningKey,
    client_id: &str,
    token_endpoint: &str,
    sources: &Sources,
) -> Result<String, Failure> {
    let now = sources.now();
    let claims = Claims {
        iss: client_id,
        sub: client_id,
        aud: token_endpoint,
        exp: now + LIFETIME,
        iat: now,
        jti: sources.secret(),
    };
    key.sign("JWT", &claims, &*sources.rng).map_err(|fault| Failure::ours(&fault))
}

const LIFETIME: i64 = 60;
