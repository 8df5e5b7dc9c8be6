//! Digests that the protocols put into tokens.

use crate::backend::digest::{Algorithm as Hash, SHA256, SHA384, SHA512, digest};
use crate::{Algorithm, b64};

/// SHA-256 of some octets.
#[must_use]
pub fn sha256(bytes: impl AsRef<[u8]>) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, bytes.as_ref()).as_ref());
    out
}

/// `at_hash` and `c_hash`: the left half of the hash that belongs to the ID token's algorithm
/// (OpenID Connect Core §3.1.3.6; SHA-512 for Ed25519, whose own hash it is).
#[must_use]
pub fn at_hash(alg: Algorithm, token: &str) -> String {
    let whole = digest(hash_of(alg), token.as_bytes());
    let (left, _) = whole.as_ref().split_at(whole.as_ref().len() / 2);
    b64::encode(left)
}

fn hash_of(alg: Algorithm) -> &'static Hash {
    match alg {
        Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 => &SHA256,
        Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => &SHA384,
        Algorithm::RS512 | Algorithm::PS512 | Algorithm::EdDSA => &SHA512,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // OpenID Connect Core, appendix A.3: the access token of the example and its at_hash.
    #[test]
    fn at_hash_is_the_one_of_the_specification() {
        assert_eq!(
            at_hash(Algorithm::RS256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
    }

    #[test]
    fn at_hash_is_half_as_long_as_the_hash_of_its_algorithm() {
        for (alg, octets) in
            [(Algorithm::ES256, 16), (Algorithm::ES384, 24), (Algorithm::EdDSA, 32)]
        {
            assert_eq!(b64::decode(at_hash(alg, "t")).unwrap().len(), octets, "{alg}");
        }
    }
}
