//! A token before and after its signature is checked (RFC 7515 §5.2, RFC 7519 §7.2, RFC 8725).

use serde::de::DeserializeOwned;

use crate::{Algorithm, Header, VerifyingKey, b64, json};

/// The longest token that is looked at.
pub const MAX_TOKEN: usize = 16 * 1024;

/// Why a text is not a token that could be verified. Known before any cryptography.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Longer than [`MAX_TOKEN`].
    #[error("the token is too long")]
    TooLong,
    /// Not `header.payload.signature`: the JSON serialisation, an encrypted token, or no token at all.
    #[error("the token is not in the compact form of a signed token")]
    NotCompact,
    /// The header is not base64url of a strict JSON object with an `alg`.
    #[error("the token's header cannot be read")]
    Header,
    /// `alg` is `none`, symmetric or unknown.
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// The header has `crit`, and we understand no extension.
    #[error("the token demands an extension that is not understood")]
    Critical,
    /// The payload is not base64url of a strict JSON object with the expected members.
    #[error("the token's claims cannot be read")]
    Claims,
    /// The signature is not base64url.
    #[error("the token's signature cannot be read")]
    Signature,
}

/// Why a token is not what it claims to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// The caller does not accept the token's algorithm here.
    #[error("the token's algorithm is not accepted here")]
    AlgorithmNotAllowed,
    /// The key is of another type, or is bound to another algorithm.
    #[error("the key is not for the token's algorithm")]
    WrongKey,
    /// The signature is not by this key over this text.
    #[error("the token's signature is invalid")]
    Invalid,
}

/// Claims that anybody could have written.
#[derive(Debug, Clone)]
pub struct Unverified<C> {
    header: Header,
    claims: C,
    signed: String,
    signature: Vec<u8>,
}

/// Claims whose signature was checked.
///
/// INVARIANT: made by [`Unverified::verify`] alone; whoever holds one need not ask again.
#[derive(Debug, Clone)]
pub struct Verified<C> {
    header: Header,
    claims: C,
}

impl<C: DeserializeOwned> Unverified<C> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// The text is no signed token in compact form, or its claims are not a `C`.
    pub fn parse(token: &str) -> Result<Self, Malformed> {
        Self::parse_up_to(MAX_TOKEN, token)
    }

    /// The same of what may be longer than a token that comes with a request, such as a list that was fetched.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_up_to(longest: usize, token: &str) -> Result<Self, Malformed> {
        if token.len() > longest {
            return Err(Malformed::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Malformed::NotCompact)?;
        let (header, payload) = signed.split_once('.').ok_or(Malformed::NotCompact)?;
        if payload.contains('.') {
            return Err(Malformed::NotCompact);
        }
        let header = b64::decode(header).map_err(|_| Malformed::Header)?;
        let header = Header::read(&header)?;
        let payload = b64::decode(payload).map_err(|_| Malformed::Claims)?;
        // A struct would also be read from an array, which no claims set is (RFC 7519 §7.2).
        if payload.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b'{') {
            return Err(Malformed::Claims);
        }
        let claims = json::from_slice(&payload).map_err(|_| Malformed::Claims)?;
        let signature = b64::decode(signature).map_err(|_| Malformed::Signature)?;
        Ok(Self { header, claims, signed: signed.to_owned(), signature })
    }

    /// What the token says about its signature.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The claims as somebody wrote them, to choose the key by and for nothing else.
    #[must_use]
    pub fn peek(&self) -> &C {
        &self.claims
    }

    /// Checks the signature, the one way to [`Verified`].
    ///
    /// # Errors
    /// The algorithm is not one of `allowed`, the key is not for it, or the signature is invalid.
    pub fn verify(
        self,
        key: &VerifyingKey,
        allowed: &[Algorithm],
    ) -> Result<Verified<C>, BadSignature> {
        let alg = self.header.alg;
        if !allowed.contains(&alg) {
            return Err(BadSignature::AlgorithmNotAllowed);
        }
        key.verify(alg, self.signed.as_bytes(), &self.signature)?;
        Ok(Verified { header: self.header, claims: self.claims })
    }
}

impl<C> Verified<C> {
    /// The claims.
    #[must_use]
    pub fn claims(&self) -> &C {
        &self.claims
    }

    /// The claims, for keeps.
    #[must_use]
    pub fn into_claims(self) -> C {
        self.claims
    }

    /// The header, which the signature covers too.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }
}
