//! New private keys, in PKCS#8 (RFC 5958).

use fireward_jose::Algorithm;
use fireward_jose::backend::hmac;
use fireward_jose::backend::rand::SecureRandom;
use fireward_jose::backend::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
};
use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::rand_core::{self, CryptoRng, RngCore};
use zeroize::Zeroizing;

const RSA_BITS: usize = 2048;

/// No key came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a private key could not be generated, for want of entropy most likely")]
pub struct NotGenerated;

/// Generates a private key. RSA takes a good part of a second.
///
/// # Errors
/// No entropy.
pub fn generate(
    alg: Algorithm,
    rng: &dyn SecureRandom,
) -> Result<Zeroizing<Vec<u8>>, NotGenerated> {
    let document = match alg {
        Algorithm::RS256
        | Algorithm::RS384
        | Algorithm::RS512
        | Algorithm::PS256
        | Algorithm::PS384
        | Algorithm::PS512 => return rsa(rng),
        Algorithm::ES256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, rng),
        Algorithm::ES384 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, rng),
        Algorithm::EdDSA => Ed25519KeyPair::generate_pkcs8(rng),
    };
    Ok(Zeroizing::new(document.map_err(|_| NotGenerated)?.as_ref().to_vec()))
}

fn rsa(rng: &dyn SecureRandom) -> Result<Zeroizing<Vec<u8>>, NotGenerated> {
    let key = RsaPrivateKey::new(&mut Stream::new(rng)?, RSA_BITS).map_err(|_| NotGenerated)?;
    let der = key.to_pkcs8_der().map_err(|_| NotGenerated)?;
    Ok(Zeroizing::new(der.as_bytes().to_vec()))
}

/// Entropy in the shape that `rsa` wants, which has no way to say that there is none: HMAC-SHA-256 of a
/// counter, under a secret of 256 bits that is drawn while failing is still possible.
struct Stream {
    secret: hmac::Key,
    count: u64,
}

impl Stream {
    fn new(rng: &dyn SecureRandom) -> Result<Self, NotGenerated> {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill(secret.as_mut_slice()).map_err(|_| NotGenerated)?;
        Ok(Self { secret: hmac::Key::new(hmac::HMAC_SHA256, secret.as_slice()), count: 0 })
    }
}

impl CryptoRng for Stream {}

impl RngCore for Stream {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let block = hmac::sign(&self.secret, &self.count.to_be_bytes());
            self.count += 1;
            for (octet, drawn) in chunk.iter_mut().zip(block.as_ref()) {
                *octet = *drawn;
            }
        }
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}
