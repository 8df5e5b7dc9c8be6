//! A public key, parsed once and kept ready to verify.

use std::fmt;

use crate::algorithm::Family;
use crate::backend::PublicKey;
use crate::backend::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
};
use crate::jwk::Material;
use crate::{Algorithm, BadSignature, KeyFault};

/// A public key with the algorithms that it may be used with: the one that its JWK names, else every
/// one of its type.
#[derive(Clone)]
pub struct VerifyingKey {
    ready: Vec<(Algorithm, PublicKey)>,
}

impl VerifyingKey {
    /// INVARIANT: `material` was checked by `jwk`; weak keys do not reach this.
    pub(crate) fn new(material: &Material, only: Option<Algorithm>) -> Result<Self, KeyFault> {
        let ready: Vec<_> = Algorithm::VARIANTS
            .into_iter()
            .filter(|alg| alg.family() == material.family() && only.is_none_or(|only| only == *alg))
            .map(|alg| Ok((alg, prepare(alg, material)?)))
            .collect::<Result<_, KeyFault>>()?;
        if ready.is_empty() {
            return Err(KeyFault::WrongAlgorithm);
        }
        Ok(Self { ready })
    }

    /// Whether the key may be used with an algorithm.
    #[must_use]
    pub fn permits(&self, alg: Algorithm) -> bool {
        self.ready.iter().any(|(one, _)| *one == alg)
    }

    /// Verifies a signature over a message.
    ///
    /// # Errors
    /// The key is not for the algorithm, or the signature is invalid.
    pub fn verify(
        &self,
        alg: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        let (_, key) =
            self.ready.iter().find(|(one, _)| *one == alg).ok_or(BadSignature::WrongKey)?;
        if key.verifies(message, signature) { Ok(()) } else { Err(BadSignature::Invalid) }
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ready.iter().map(|(alg, _)| alg)).finish()
    }
}

fn prepare(alg: Algorithm, material: &Material) -> Result<PublicKey, KeyFault> {
    let ready = match material {
        Material::Rsa { n, e } => match rsa_parameters(alg) {
            Some(parameters) => PublicKey::rsa(parameters, n, e),
            None => return Err(KeyFault::WrongAlgorithm),
        },
        Material::P256 { .. } => PublicKey::point(&ECDSA_P256_SHA256_FIXED, &material.point()),
        Material::P384 { .. } => PublicKey::point(&ECDSA_P384_SHA384_FIXED, &material.point()),
        Material::Ed25519 { .. } => PublicKey::point(&ED25519, &material.point()),
    };
    ready.map_err(|_| KeyFault::Invalid)
}

fn rsa_parameters(alg: Algorithm) -> Option<&'static RsaParameters> {
    match alg {
        Algorithm::RS256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Some(&RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Some(&RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Some(&RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 | Algorithm::ES384 | Algorithm::EdDSA => None,
    }
}

impl Material {
    pub(crate) fn family(&self) -> Family {
        match self {
            Self::Rsa { .. } => Family::Rsa,
            Self::P256 { .. } => Family::P256,
            Self::P384 { .. } => Family::P384,
            Self::Ed25519 { .. } => Family::Ed25519,
        }
    }
}
