//! Proof Key for Code Exchange, S256 only (RFC 7636; decision D-01).

use fireward_jose::{b64, backend::digest};
use subtle::ConstantTimeEq as _;

/// `code_challenge` of the method `S256`: there is no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PkceChallenge([u8; 32]);

/// `code_verifier` (RFC 7636 §4.1).
#[derive(Clone)]
pub struct PkceVerifier(String);

/// Why a challenge or verifier is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MalformedPkce {
    /// Not the base64url of a SHA-256.
    #[error("code_challenge must be 43 characters of base64url")]
    Challenge,
    /// Outside RFC 7636 §4.1.
    #[error("code_verifier must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~")]
    Verifier,
}

impl PkceChallenge {
    /// Takes a challenge as a request carries it.
    ///
    /// # Errors
    /// When it is not the base64url of 32 octets.
    pub fn parse(text: &str) -> Result<Self, MalformedPkce> {
        let octets = b64::decode(text).map_err(|_| MalformedPkce::Challenge)?;
        octets.try_into().map(Self).map_err(|_| MalformedPkce::Challenge)
    }

    /// The text that the request carried.
    #[must_use]
    pub fn to_text(&self) -> String {
        b64::encode(self.0)
    }
}

impl PkceVerifier {
    /// Takes a verifier as a token request carries it.
    ///
    /// # Errors
    /// When its length or its characters are outside RFC 7636 §4.1.
    pub fn parse(text: &str) -> Result<Self, MalformedPkce> {
        let legal =
            |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~');
        if !(43..=128).contains(&text.len()) || !text.bytes().all(legal) {
            return Err(MalformedPkce::Verifier);
        }
        Ok(Self(text.to_owned()))
    }

    fn challenge(&self) -> PkceChallenge {
        let mut octets = [0; 32];
        octets.copy_from_slice(digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref());
        PkceChallenge(octets)
    }
}

impl std::fmt::Debug for PkceVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PkceVerifier(…)")
    }
}

/// One law: a verifier if and only if there was a challenge, and it meets it (RFC 7636 §4.6).
#[must_use]
pub fn met(challenge: Option<&PkceChallenge>, verifier: Option<&PkceVerifier>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => challenge.0.ct_eq(&verifier.challenge().0).into(),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn al_4_the_example_of_rfc_7636_is_met_and_its_neighbours_are_not() {
        // RFC 7636 appendix B
        let challenge =
            PkceChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        let verifier = PkceVerifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
        let other = PkceVerifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK").unwrap();
        let itself = PkceVerifier::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
        assert!(met(Some(&challenge), Some(&verifier)));
        for wrong in [None, Some(&other), Some(&itself)] {
            assert!(!met(Some(&challenge), wrong));
        }
        assert!(!met(None, Some(&verifier)), "a verifier without a challenge");
        assert!(met(None, None));
    }

    #[test]
    fn k5_a_verifier_has_43_to_128_legal_characters() {
        for length in [43, 128] {
            assert!(PkceVerifier::parse(&"a".repeat(length)).is_ok());
        }
        for bad in ["a".repeat(42), "a".repeat(129), "+".repeat(43), "é".repeat(43)] {
            assert!(PkceVerifier::parse(&bad).is_err());
        }
        for bad in ["a".repeat(42), "a".repeat(44), "=".repeat(43), String::new()] {
            assert!(PkceChallenge::parse(&bad).is_err());
        }
    }
}
