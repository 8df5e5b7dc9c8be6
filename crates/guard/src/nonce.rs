//! Nonces for proofs of possession, made of the time and a secret (RFC 9449 §8.2, §9).

use fireward_jose::b64;
use fireward_jose::backend::hmac::{HMAC_SHA256, Key, sign, verify};

use crate::Nonce;

/// The nonce of now.
pub(crate) fn make(settings: &Nonce, now: i64) -> String {
    b64::encode(sign(&key(settings), &step(settings, now).to_be_bytes()))
}

/// Whether a nonce is the one of now or the one before it.
pub(crate) fn is_ours(settings: &Nonce, shown: &str, now: i64) -> bool {
    let Ok(shown) = b64::decode(shown) else { return false };
    let step = step(settings, now);
    let is = |step: i64| verify(&key(settings), &step.to_be_bytes(), &shown).is_ok();
    is(step) || is(step.saturating_sub(1))
}

fn key(settings: &Nonce) -> Key {
    Key::new(HMAC_SHA256, &settings.key)
}

fn step(settings: &Nonce, now: i64) -> i64 {
    now.div_euclid(settings.lifetime.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_for_its_lifetime_and_no_longer_than_twice_that() {
        let settings = Nonce { key: [7; 32], lifetime: 60 };
        let nonce = make(&settings, 120);
        for (now, good) in [(119, false), (120, true), (179, true), (239, true), (240, false)] {
            assert_eq!(is_ours(&settings, &nonce, now), good, "{now}");
        }
        let other = Nonce { key: [8; 32], ..settings.clone() };
        assert!(!is_ours(&other, &nonce, 120));
        for wrong in ["", "x", "AAAA", &nonce[1..]] {
            assert!(!is_ours(&settings, wrong, 120), "{wrong}");
        }
    }
}
