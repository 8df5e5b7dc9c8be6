//! The key under which secrets rest: AES-256-GCM (NIST SP 800-38D), bound to what they are for.

use std::fmt;

use fireward_jose::b64;
use fireward_jose::backend::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use fireward_jose::backend::rand::SecureRandom;
use zeroize::Zeroizing;

/// First octet of what is sealed, so that another form can follow.
const FORM: u8 = 1;

/// 256 bits from a file or the environment. It shows nothing of itself and is wiped when dropped.
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// The text is no master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 32 octets, written as 43 characters of base64url or 64 of hexadecimal")]
pub struct NotAMasterKey;

/// Nothing could be sealed: no entropy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no entropy to seal with")]
pub struct NotSealed;

/// What is sealed cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was sealed under another master key, or for another purpose, or was altered")]
pub struct NotOpened;

impl MasterKey {
    /// From octets of full entropy.
    #[must_use]
    pub fn new(octets: [u8; 32]) -> Self {
        Self(Zeroizing::new(octets))
    }

    /// From text, as operators keep it: base64url (padding is forgiven) or hexadecimal, with white space around.
    ///
    /// # Errors
    /// The text is anything else.
    pub fn parse(text: &str) -> Result<Self, NotAMasterKey> {
        let text = text.trim();
        let octets = if text.len() == 64 { from_hex(text) } else { from_base64url(text) };
        let octets = Zeroizing::new(octets.ok_or(NotAMasterKey)?);
        let octets: [u8; 32] = octets.as_slice().try_into().map_err(|_| NotAMasterKey)?;
        Ok(Self::new(octets))
    }

    /// Seals a secret for a purpose, which must be named again to open it.
    ///
    /// # Errors
    /// No entropy for the nonce.
    pub fn seal(
        &self,
        purpose: &[&str],
        secret: &[u8],
        rng: &dyn SecureRandom,
    ) -> Result<Vec<u8>, NotSealed> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce).map_err(|_| NotSealed)?;
        let mut text = Zeroizing::new(secret.to_vec());
        let tag = self
            .cipher()
            .and_then(|cipher| {
                let nonce = Nonce::assume_unique_for_key(nonce);
                cipher.seal_in_place_separate_tag(nonce, aad(purpose), &mut text).ok()
            })
            .ok_or(NotSealed)?;
        Ok([&[FORM], nonce.as_slice(), text.as_slice(), tag.as_ref()].concat())
    }

    /// Opens what was sealed for the same purpose.
    ///
    /// # Errors
    /// Another key, another purpose, or other octets.
    pub fn open(&self, purpose: &[&str], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        let (form, rest) = sealed.split_first().ok_or(NotOpened)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or(NotOpened)?;
        if *form != FORM {
            return Err(NotOpened);
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOpened)?;
        let mut text = Zeroizing::new(text.to_vec());
        let cipher = self.cipher().ok_or(NotOpened)?;
        let opened = cipher.open_in_place(nonce, aad(purpose), &mut text);
        let length = opened.map_err(|_| NotOpened)?.len();
        text.truncate(length);
        Ok(text)
    }

    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, self.0.as_slice()).ok().map(LessSafeKey::new)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey")
    }
}

/// Each part with its length before it, so that `["ab", "c"]` is not `["a", "bc"]`.
fn aad(purpose: &[&str]) -> Aad<Vec<u8>> {
    let mut octets = Vec::new();
    for part in purpose {
        octets.extend((part.len() as u64).to_be_bytes());
        octets.extend(part.as_bytes());
    }
    Aad::from(octets)
}

fn from_base64url(text: &str) -> Option<Vec<u8>> {
    b64::decode(text.strip_suffix('=').unwrap_or(text)).ok()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = Zeroizing::new(digits?);
    let (pairs, _) = digits.as_chunks::<2>();
    pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low).ok()).collect()
}

#[cfg(test)]
mod tests {
    use fireward_jose::backend::rand::SystemRandom;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_master_key_is_read_from_either_spelling_and_nothing_else() {
        let octets: Vec<u8> = (0..32).collect();
        let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        let base64 = b64::encode(&octets);
        for text in [hex, &hex.to_uppercase(), &base64, &format!("{base64}=\n")] {
            assert_eq!(MasterKey::parse(text).unwrap().0.as_slice(), octets, "{text}");
        }
        for text in ["", "secret", &hex[2..], &base64[1..], &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(MasterKey::parse(text).unwrap_err(), NotAMasterKey, "{text}");
        }
    }

    #[test]
    fn a_master_key_shows_nothing_of_itself() {
        assert_eq!(format!("{:?}", MasterKey::new([7; 32])), "MasterKey");
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_for_its_purpose_alone(
            secret in proptest::collection::vec(any::<u8>(), 0..80),
            change in any::<prop::sample::Index>(),
        ) {
            let master = MasterKey::new([7; 32]);
            let sealed = master.seal(&["ab", "c"], &secret, &SystemRandom::new()).unwrap();
            let opened = master.open(&["ab", "c"], &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), secret.as_slice());
            prop_assert!(master.open(&["a", "bc"], &sealed).is_err());
            prop_assert!(MasterKey::new([8; 32]).open(&["ab", "c"], &sealed).is_err());
            let mut altered = sealed.clone();
            altered[change.index(sealed.len())] ^= 1;
            prop_assert!(master.open(&["ab", "c"], &altered).is_err());
            prop_assert!(master.open(&["ab", "c"], &sealed[..change.index(sealed.len())]).is_err());
        }
    }
}
