use proptest::prelude::*;
use serde_json::Value;

use super::{Claims, claims, pkcs8, rng, signing_key};
use crate::{Algorithm, Jwk, JwkSet, SigningKey, Unverified, b64, typ_is};

#[test]
fn what_a_key_signs_its_public_half_verifies_and_no_other() {
    for alg in Algorithm::VARIANTS {
        let key = signing_key(alg);
        let signed = key.sign("at+jwt", &claims(), &rng()).unwrap();
        let set: JwkSet = [key.public_jwk().clone()].into_iter().collect();
        let token = Unverified::<Claims>::parse(&signed).unwrap();
        assert!(typ_is(token.header().typ.as_deref(), "at+jwt"));
        let key = set.select(token.header().alg, token.header().kid.as_deref()).unwrap();
        let verified = token.clone().verify(key, &[alg]).unwrap();
        assert_eq!(verified.claims(), &claims());
        assert_eq!(verified.header().kid.as_deref(), Some("k1"));
        for other in Algorithm::VARIANTS.into_iter().filter(|other| *other != alg) {
            let key = signing_key(other);
            let key = key.public_jwk().verifying_key();
            assert!(token.clone().verify(key, &Algorithm::VARIANTS).is_err(), "{alg} {other}");
        }
    }
}

#[test]
fn a_key_of_another_type_is_not_read() {
    for alg in Algorithm::VARIANTS {
        for other in Algorithm::VARIANTS.into_iter().filter(|a| a.kty() != alg.kty()) {
            assert!(SigningKey::from_pkcs8(other, "k", &pkcs8(alg), &rng()).is_err());
        }
    }
    let p384 = pkcs8(Algorithm::ES384);
    assert!(SigningKey::from_pkcs8(Algorithm::ES256, "k", &p384, &rng()).is_err());
}

#[test]
fn a_private_key_shows_nothing_of_itself() {
    let shown = format!("{:?}", signing_key(Algorithm::ES256));
    assert_eq!(shown, r#"SigningKey { alg: ES256, kid: "k1", .. }"#);
}

#[test]
fn every_algorithm_has_a_name_of_its_own() {
    for alg in Algorithm::VARIANTS {
        assert_eq!(alg.name().parse(), Ok(alg));
    }
    assert_eq!("Ed25519".parse(), Ok(Algorithm::EdDSA));
}

proptest! {
    #[test]
    fn parsers_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in ".{0,200}") {
        let _ = Unverified::<Value>::parse(&text);
        let _ = JwkSet::parse_strict(&bytes);
        let _ = JwkSet::parse_lenient(&bytes);
        let _ = Jwk::parse(&bytes);
        for alg in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
            let _ = SigningKey::from_pkcs8(alg, "k", &bytes, &rng());
        }
    }

    #[test]
    fn parts_that_are_nearly_a_token_never_panic(
        header in r#"\{("alg":"ES256")?(,"kid":"[a-z]{0,3}")?(,"typ":[0-9"]{1,2})?\}"#,
        payload in r#"\{?("sub":"[a-z]{0,3}")?\}?"#,
        signature in proptest::collection::vec(any::<u8>(), 0..70),
    ) {
        let token = format!("{}.{}.{}", b64::encode(header), b64::encode(payload), b64::encode(signature));
        if let Ok(token) = Unverified::<Claims>::parse(&token) {
            let key = signing_key(Algorithm::ES256);
            prop_assert!(token.verify(key.public_jwk().verifying_key(), &[Algorithm::ES256]).is_err());
        }
    }

    #[test]
    fn base64url_has_one_spelling(text in "[A-Za-z0-9_-]{0,40}") {
        if let Ok(bytes) = b64::decode(&text) {
            prop_assert_eq!(b64::encode(bytes), text);
        }
    }
}
