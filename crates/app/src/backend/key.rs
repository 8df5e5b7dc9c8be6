//! The private key of a backend service, in a PEM file (RFC 7468 §10, PKCS#8).

use fireward_jose::{Algorithm, SigningKey, b64, backend::rand::SecureRandom};
use fireward_keys::generate;
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};

/// The algorithms that every SMART server has, and one more (CA-3).
const KNOWN: [Algorithm; 3] = [Algorithm::ES384, Algorithm::RS384, Algorithm::ES256];

/// The key of a PEM file. Its `kid` is the thumbprint of its public half (RFC 7638) unless it is given.
///
/// # Errors
/// What it is not.
pub(crate) fn from_pem(
    text: &str,
    kid: Option<&str>,
    random: &dyn SecureRandom,
) -> Result<SigningKey, String> {
    let der = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes())
        .map_err(|_| "it is no PEM file with BEGIN PRIVATE KEY (PKCS#8, not encrypted)")?;
    let der = der.secret_pkcs8_der();
    let named = |alg, kid: &str| SigningKey::from_pkcs8(alg, kid, der, random);
    let key = KNOWN.into_iter().find_map(|alg| named(alg, "key").ok());
    let key = key.ok_or("it is neither a P-384, a P-256 nor an RSA key of 2048 bits or more")?;
    let kid = kid.map_or_else(|| key.public_jwk().thumbprint(), str::to_owned);
    named(key.alg(), &kid).map_err(|why| why.to_string())
}

/// A new key as a PEM file.
///
/// # Errors
/// No entropy.
pub(crate) fn new_pem(alg: Algorithm, random: &dyn SecureRandom) -> Result<String, String> {
    let der = generate(alg, random).map_err(|why| why.to_string())?;
    let standard = b64::encode(&*der).replace('-', "+").replace('_', "/");
    let padding = "=".repeat((4 - standard.len() % 4) % 4);
    let mut pem = "-----BEGIN PRIVATE KEY-----\n".to_owned();
    for (at, letter) in standard.chars().chain(padding.chars()).enumerate() {
        if at > 0 && at % 64 == 0 {
            pem.push('\n');
        }
        pem.push(letter);
    }
    Ok(pem + "\n-----END PRIVATE KEY-----\n")
}

#[cfg(test)]
mod tests {
    use fireward_jose::backend::rand::SystemRandom;

    use super::*;

    #[test]
    fn ca_3_keys_of_both_algorithms_are_read_again() {
        let random = SystemRandom::new();
        for alg in [Algorithm::ES384, Algorithm::RS384, Algorithm::ES256] {
            let pem = new_pem(alg, &random).unwrap();
            assert!(pem.lines().all(|line| line.len() <= 64));
            let key = from_pem(&pem, None, &random).unwrap();
            assert_eq!((key.alg(), key.kid().len()), (alg, 43));
            assert_eq!(from_pem(&pem, Some("mine"), &random).unwrap().kid(), "mine");
        }
        for broken in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert!(from_pem(broken, None, &random).is_err());
        }
    }
}
