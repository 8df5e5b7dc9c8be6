//! A private key, parsed once, that signs tokens (RFC 7515 §5.1).

use std::fmt;

use serde::Serialize;

use crate::backend::error::KeyRejected;
use crate::backend::rand::SecureRandom;
use crate::backend::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
};
use crate::jwk::Material;
use crate::{Algorithm, Jwk, KeyFault, b64, backend};

/// Why a token could not be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignFault {
    /// The claims cannot be written as JSON.
    #[error("the claims cannot be written as JSON: {0}")]
    Claims(String),
    /// The backend refused, which happens when it gets no entropy.
    #[error("the signature could not be made")]
    Backend,
}

/// A private key for one algorithm. It shows nothing of itself.
pub struct SigningKey {
    alg: Algorithm,
    kid: String,
    pair: Pair,
    public: Jwk,
}

enum Pair {
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Reads a private key in PKCS#8 (RFC 5958). The entropy is ring's wish, for its nonces.
    ///
    /// # Errors
    /// The key is not one for `alg`, or too weak to publish.
    pub fn from_pkcs8(
        alg: Algorithm,
        kid: impl Into<String>,
        der: &[u8],
        rng: &dyn SecureRandom,
    ) -> Result<Self, KeyFault> {
        let pair = Pair::read(alg, der, rng).map_err(|_| KeyFault::Invalid)?;
        let kid = kid.into();
        let public = Jwk::new(Some(kid.clone()), Some(alg), pair.public()?)?;
        Ok(Self { alg, kid, pair, public })
    }

    /// Signs claims as a token in compact form, with `alg`, `typ` and `kid` in its header.
    ///
    /// # Errors
    /// The claims cannot be written, or the backend gets no entropy.
    pub fn sign(
        &self,
        typ: &str,
        claims: &impl Serialize,
        rng: &dyn SecureRandom,
    ) -> Result<String, SignFault> {
        let header = WrittenHeader { alg: self.alg.name(), typ, kid: &self.kid };
        let mut token = String::with_capacity(1024);
        b64::encode_onto(to_json(&header)?, &mut token);
        token.push('.');
        b64::encode_onto(to_json(claims)?, &mut token);
        let signature = self.pair.sign(token.as_bytes(), rng)?;
        token.push('.');
        b64::encode_onto(signature, &mut token);
        Ok(token)
    }

    /// The public half, with `kid`, `alg` and `"use": "sig"`.
    #[must_use]
    pub fn public_jwk(&self) -> &Jwk {
        &self.public
    }

    /// The algorithm that the key signs with.
    #[must_use]
    pub fn alg(&self) -> Algorithm {
        self.alg
    }

    /// The key's name in its issuer's set.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("alg", &self.alg)
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl Pair {
    fn read(alg: Algorithm, der: &[u8], rng: &dyn SecureRandom) -> Result<Self, KeyRejected> {
        let rsa = |encoding: &'static dyn RsaEncoding| {
            RsaKeyPair::from_pkcs8(der).map(|pair| Self::Rsa(Box::new(pair), encoding))
        };
        let ecdsa = |curve| backend::ecdsa_from_pkcs8(curve, der, rng).map(Self::Ecdsa);
        match alg {
            Algorithm::RS256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::RS384 => rsa(&RSA_PKCS1_SHA384),
            Algorithm::RS512 => rsa(&RSA_PKCS1_SHA512),
            Algorithm::PS256 => rsa(&RSA_PSS_SHA256),
            Algorithm::PS384 => rsa(&RSA_PSS_SHA384),
            Algorithm::PS512 => rsa(&RSA_PSS_SHA512),
            Algorithm::ES256 => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::ES384 => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
            // Other tools write Ed25519 keys without the public half (RFC 5958 v1); it is derived.
            Algorithm::EdDSA => Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Self::Ed25519),
        }
    }

    fn public(&self) -> Result<Material, KeyFault> {
        match self {
            Self::Rsa(pair, _) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                Material::rsa(public.n, public.e)
            }
            Self::Ecdsa(pair) => Material::of_point(pair.public_key().as_ref()),
            Self::Ed25519(pair) => Material::ed25519(pair.public_key().as_ref().to_vec()),
        }
    }

    fn sign(&self, message: &[u8], rng: &dyn SecureRandom) -> Result<Vec<u8>, SignFault> {
        match self {
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_key().modulus_len()];
                pair.sign(*encoding, rng, message, &mut signature)
                    .map_err(|_| SignFault::Backend)?;
                Ok(signature)
            }
            Self::Ecdsa(pair) => {
                let signature = pair.sign(rng, message).map_err(|_| SignFault::Backend)?;
                Ok(signature.as_ref().to_vec())
            }
            Self::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>, SignFault> {
    serde_json::to_vec(value).map_err(|e| SignFault::Claims(e.to_string()))
}

#[derive(Serialize)]
struct WrittenHeader<'a> {
    alg: &'static str,
    typ: &'a str,
    kid: &'a str,
}
