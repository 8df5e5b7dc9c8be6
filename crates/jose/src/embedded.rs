//! The one kind of token that brings its own key: a proof that its sender has it (RFC 9449 §4.2).

use serde::Deserialize;
use serde_json::Value;

use crate::{Jwk, KeyFault, b64, json};

/// The public key in the header of a token, `jwk`. It says nothing of who sent it: whoever reads it must compare its
/// thumbprint with one that is known from elsewhere.
///
/// # Errors
/// There is none, or it is private, symmetric, weak or not for signatures.
pub fn embedded_key(token: &str) -> Result<Jwk, KeyFault> {
    #[derive(Deserialize)]
    struct Header {
        jwk: Value,
    }
    let header = token.split('.').next().and_then(|header| b64::decode(header).ok());
    let header: Header =
        json::from_slice(&header.unwrap_or_default()).map_err(|_| KeyFault::NotAKey)?;
    Jwk::read(header.jwk)?.ok_or(KeyFault::NotForVerifying)
}
