//! The one place that names the cryptographic backend: ring, or aws-lc-rs with the feature `aws-lc`.
//!
//! Both have the same interface but for what this module evens out: how a public key is kept
//! ready for verifying, and whether reading an ECDSA key needs entropy.

#[cfg(feature = "aws-lc")]
pub use aws_lc_rs::{aead, digest, error, hkdf, hmac, rand, signature};
#[cfg(not(feature = "aws-lc"))]
pub use ring::{aead, digest, error, hkdf, hmac, rand, signature};

pub(crate) use kept::{PublicKey, ecdsa_from_pkcs8};

#[cfg(not(feature = "aws-lc"))]
mod kept {
    use super::error::KeyRejected;
    use super::rand::SecureRandom;
    use super::signature::{
        EcdsaKeyPair, EcdsaSigningAlgorithm, RsaParameters, RsaPublicKeyComponents,
        UnparsedPublicKey, VerificationAlgorithm,
    };

    /// ring has no parsed public key, so the octets are kept as it takes them.
    #[derive(Clone)]
    pub(crate) enum PublicKey {
        Rsa(&'static RsaParameters, RsaPublicKeyComponents<Box<[u8]>>),
        Point(UnparsedPublicKey<Box<[u8]>>),
    }

    impl PublicKey {
        #[expect(clippy::unnecessary_wraps, reason = "the other backend can refuse here")]
        pub(crate) fn rsa(
            parameters: &'static RsaParameters,
            n: &[u8],
            e: &[u8],
        ) -> Result<Self, KeyRejected> {
            Ok(Self::Rsa(parameters, RsaPublicKeyComponents { n: n.into(), e: e.into() }))
        }

        #[expect(clippy::unnecessary_wraps, reason = "the other backend can refuse here")]
        pub(crate) fn point(
            algorithm: &'static dyn VerificationAlgorithm,
            point: &[u8],
        ) -> Result<Self, KeyRejected> {
            Ok(Self::Point(UnparsedPublicKey::new(algorithm, point.into())))
        }

        pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
            match self {
                Self::Rsa(parameters, key) => key.verify(parameters, message, signature).is_ok(),
                Self::Point(key) => key.verify(message, signature).is_ok(),
            }
        }
    }

    pub(crate) fn ecdsa_from_pkcs8(
        algorithm: &'static EcdsaSigningAlgorithm,
        der: &[u8],
        rng: &dyn SecureRandom,
    ) -> Result<EcdsaKeyPair, KeyRejected> {
        EcdsaKeyPair::from_pkcs8(algorithm, der, rng)
    }
}

#[cfg(feature = "aws-lc")]
mod kept {
    use super::error::KeyRejected;
    use super::rand::SecureRandom;
    use super::signature::{
        EcdsaKeyPair, EcdsaSigningAlgorithm, ParsedPublicKey, RsaParameters,
        RsaPublicKeyComponents, VerificationAlgorithm,
    };

    #[derive(Clone)]
    pub(crate) struct PublicKey(ParsedPublicKey);

    impl PublicKey {
        pub(crate) fn rsa(
            parameters: &'static RsaParameters,
            n: &[u8],
            e: &[u8],
        ) -> Result<Self, KeyRejected> {
            let parsed = RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters);
            parsed.map(Self)
        }

        pub(crate) fn point(
            algorithm: &'static dyn VerificationAlgorithm,
            point: &[u8],
        ) -> Result<Self, KeyRejected> {
            ParsedPublicKey::new(algorithm, point).map(Self)
        }

        pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
            self.0.verify_sig(message, signature).is_ok()
        }
    }

    pub(crate) fn ecdsa_from_pkcs8(
        algorithm: &'static EcdsaSigningAlgorithm,
        der: &[u8],
        _rng: &dyn SecureRandom,
    ) -> Result<EcdsaKeyPair, KeyRejected> {
        EcdsaKeyPair::from_pkcs8(algorithm, der)
    }
}
