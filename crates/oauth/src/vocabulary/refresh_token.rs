//! Refresh tokens: 16 octets that name the family, 28 random ones, and 4 that check the rest.
//!
//! The family's name lets any old generation be recognised with one row a family, however often it
//! rotates; the check lets a mangled token be told from an old one, which would end the family.

use std::fmt;

use fireward_jose::b64;

use super::{
    Entropy,
    secret::{Digest, MalformedSecret, sha256},
};

/// A refresh token (RFC 6749 §1.5).
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    text: String,
    family: [u8; 16],
}

/// The part of a refresh token that all tokens of its family share. A marker for [`Digest`].
#[derive(Debug, Clone, Copy)]
pub struct Family;

impl RefreshToken {
    /// The first token of a new family.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self::of_family(entropy.draw(), entropy)
    }

    /// A further token of this one's family.
    #[must_use]
    pub fn successor(&self, entropy: &dyn Entropy) -> Self {
        Self::of_family(self.family, entropy)
    }

    fn of_family(family: [u8; 16], entropy: &dyn Entropy) -> Self {
        let mut octets = family.to_vec();
        octets.extend(entropy.draw::<28>());
        let check = check(&octets);
        octets.extend(check);
        Self { text: b64::encode(&octets), family }
    }

    /// Takes what somebody presents.
    ///
    /// # Errors
    /// When it was not drawn here, or was mangled since.
    pub fn parse(text: &str) -> Result<Self, MalformedSecret> {
        let octets = b64::decode(text).map_err(|_| MalformedSecret)?;
        let (body, checked) = octets.split_at_checked(44).ok_or(MalformedSecret)?;
        if checked != check(body) {
            return Err(MalformedSecret);
        }
        let family = body.first_chunk::<16>().ok_or(MalformedSecret)?;
        Ok(Self { text: text.to_owned(), family: *family })
    }

    /// What the database knows the token by.
    #[must_use]
    pub fn digest(&self) -> Digest<Self> {
        Digest::of(&self.text)
    }

    /// What the database knows its family by.
    #[must_use]
    pub fn family(&self) -> Digest<Family> {
        Digest::of(&b64::encode(self.family))
    }

    /// The token itself, for its owner's eyes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(…)")
    }
}

fn check(body: &[u8]) -> [u8; 4] {
    let mut into = [0; 4];
    for (to, from) in into.iter_mut().zip(sha256(body)) {
        *to = from;
    }
    into
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counter(std::sync::atomic::AtomicU8);

    impl Entropy for Counter {
        fn fill(&self, into: &mut [u8]) {
            into.fill_with(|| self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    #[test]
    fn c5_a_mangled_token_is_told_from_an_old_one() {
        let entropy = Counter(0.into());
        let token = RefreshToken::draw(&entropy);
        let next = token.successor(&entropy);
        assert_eq!(token.family(), next.family());
        assert_ne!(token.digest(), next.digest());
        assert_eq!(RefreshToken::parse(token.expose()).unwrap(), token);
        let text = token.expose();
        let truncated = &text[..text.len() - 1];
        let extended = format!("{text}A");
        let flipped = text.replacen('B', "C", 1);
        let recased = text.to_ascii_lowercase();
        for bad in [truncated, &extended, &flipped, &recased, ""] {
            assert!(RefreshToken::parse(bad).is_err(), "{bad}");
        }
    }
}
