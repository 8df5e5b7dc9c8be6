use serde_json::{Value, json};

use super::{RSA_JWK, ed25519_jwk, es256_jwk, signing_key};
use crate::{Algorithm, Jwk, JwkSet, KeyFault, NoKey, SetFault};

fn strict(keys: &[Value]) -> Result<JwkSet, SetFault> {
    JwkSet::parse_strict(json!({ "keys": keys }).to_string().as_bytes())
}

fn lenient(keys: &[Value]) -> JwkSet {
    JwkSet::parse_lenient(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn with(mut key: Value, member: &str, value: Value) -> Value {
    key[member] = value;
    key
}

fn without(mut key: Value, member: &str) -> Value {
    key.as_object_mut().unwrap().remove(member);
    key
}

fn rsa_jwk() -> Value {
    serde_json::from_str(RSA_JWK).unwrap()
}

#[test]
fn j22_private_and_symmetric_keys_are_refused_at_registration() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        let fault = strict(&[ed25519_jwk(), with(rsa_jwk(), member, json!("AQ"))]).unwrap_err();
        assert_eq!(fault, SetFault::Key { number: 2, fault: KeyFault::Private }, "{member}");
    }
    let oct = json!({ "kty": "oct", "kid": "s", "k": "c2VjcmV0" });
    let hidden = with(es256_jwk(), "k", json!("c2VjcmV0"));
    for key in [oct, hidden] {
        let fault = strict(&[key]).unwrap_err();
        assert_eq!(fault, SetFault::Key { number: 1, fault: KeyFault::Symmetric });
    }
}

#[test]
fn j22_unfit_keys_are_refused_at_registration() {
    let short = crate::b64::encode([0xff; 128]);
    let cases = [
        (with(rsa_jwk(), "n", json!(short)), KeyFault::Weak),
        (with(rsa_jwk(), "e", json!("AQ")), KeyFault::Weak),
        (with(rsa_jwk(), "e", json!("AQAC")), KeyFault::Weak),
        (with(rsa_jwk(), "n", json!("not base64!")), KeyFault::Invalid),
        (with(rsa_jwk(), "alg", json!("HS256")), KeyFault::WrongAlgorithm),
        (with(rsa_jwk(), "alg", json!("ES256")), KeyFault::WrongAlgorithm),
        (with(rsa_jwk(), "use", json!("tls")), KeyFault::NotForVerifying),
        (with(rsa_jwk(), "key_ops", json!(["sign"])), KeyFault::NotForVerifying),
        (with(es256_jwk(), "crv", json!("secp256k1")), KeyFault::Unsupported),
        (with(es256_jwk(), "kty", json!("AKP")), KeyFault::Unsupported),
        (json!("a key"), KeyFault::NotAKey),
    ];
    for (key, fault) in cases {
        assert_eq!(
            strict(std::slice::from_ref(&key)).unwrap_err(),
            SetFault::Key { number: 1, fault },
            "{key}"
        );
    }
}

#[test]
fn ca_4_every_registered_key_has_its_members_and_a_kid_of_its_own() {
    for (key, member) in [
        (rsa_jwk(), "n"),
        (rsa_jwk(), "e"),
        (es256_jwk(), "x"),
        (es256_jwk(), "y"),
        (es256_jwk(), "crv"),
        (es256_jwk(), "kty"),
    ] {
        let fault = strict(&[without(key, member)]).unwrap_err();
        assert_eq!(fault, SetFault::Key { number: 1, fault: KeyFault::NotAKey }, "{member}");
    }
    for kid in [json!(""), json!("k".repeat(257))] {
        let fault = strict(&[with(es256_jwk(), "kid", kid)]).unwrap_err();
        assert_eq!(fault, SetFault::Key { number: 1, fault: KeyFault::NoKid });
    }
    let fault = strict(&[without(es256_jwk(), "kid")]).unwrap_err();
    assert_eq!(fault, SetFault::Key { number: 1, fault: KeyFault::NoKid });
    let fault = strict(&[es256_jwk(), with(ed25519_jwk(), "kid", json!("a3"))]).unwrap_err();
    assert_eq!(fault, SetFault::DuplicateKid("a3".to_owned()));
}

#[test]
fn j22_a_set_is_an_object_with_a_few_keys() {
    for text in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#, "null"] {
        let fault = JwkSet::parse_strict(text.as_bytes()).unwrap_err();
        assert!(matches!(fault, SetFault::NotASet(_)), "{text}: {fault}");
    }
    assert_eq!(strict(&[]).unwrap_err(), SetFault::Empty);
    assert_eq!(strict(&[with(es256_jwk(), "use", json!("enc"))]).unwrap_err(), SetFault::Empty);
    let many: Vec<_> =
        (0..101).map(|kid| with(es256_jwk(), "kid", json!(kid.to_string()))).collect();
    assert_eq!(strict(&many).unwrap_err(), SetFault::TooMany);
}

#[test]
fn the_keys_of_an_issuer_that_are_not_for_us_are_skipped() {
    let set = lenient(&[
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AA" }),
        json!({ "kty": "oct", "k": "AA" }),
        with(rsa_jwk(), "d", json!("AA")),
        with(rsa_jwk(), "alg", json!("RSA-OAEP")),
        json!(7),
        without(ed25519_jwk(), "kid"),
    ]);
    assert_eq!(set.iter().count(), 1);
    assert!(set.select(Algorithm::EdDSA, None).is_ok());
    assert_eq!(lenient(&[]).select(Algorithm::EdDSA, None).unwrap_err(), NoKey::Unknown);
}

// SMART App Launch 2.2 §5.1.5: kid equal and kty consistent; none or several is a failure.
#[test]
fn ca_7_exactly_one_key_must_suit() {
    let set = lenient(&[
        es256_jwk(),
        rsa_jwk(),
        with(ed25519_jwk(), "kid", json!("a3")),
        with(ed25519_jwk(), "kid", json!("twice")),
        with(ed25519_jwk(), "kid", json!("twice")),
    ]);
    assert!(set.select(Algorithm::ES256, Some("a3")).is_ok());
    assert!(set.select(Algorithm::EdDSA, Some("a3")).is_ok());
    assert_eq!(set.select(Algorithm::RS256, Some("a3")).unwrap_err(), NoKey::Unknown);
    assert_eq!(set.select(Algorithm::ES384, Some("a3")).unwrap_err(), NoKey::Unknown);
    assert_eq!(set.select(Algorithm::EdDSA, Some("twice")).unwrap_err(), NoKey::Ambiguous);
    assert_eq!(set.select(Algorithm::EdDSA, None).unwrap_err(), NoKey::Ambiguous);
    assert!(set.select(Algorithm::RS384, None).is_ok());
}

#[test]
fn o4_a_set_is_written_with_public_members_only() {
    for alg in Algorithm::VARIANTS {
        let key = signing_key(alg).public_jwk().clone();
        let set: JwkSet = [key].into_iter().collect();
        let written = set.to_json();
        let members = written["keys"][0].as_object().unwrap();
        for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(!members.contains_key(member), "{alg} {member}");
        }
        assert_eq!(members["kid"], "k1");
        assert_eq!(members["alg"], alg.name());
        assert_eq!(members["use"], "sig");
    }
}

#[test]
fn a_set_that_is_written_is_read_again() {
    let keys = [es256_jwk(), ed25519_jwk(), rsa_jwk()];
    let set = strict(&keys).unwrap();
    let again = JwkSet::parse_strict(set.to_json().to_string().as_bytes()).unwrap();
    let prints = |set: &JwkSet| set.iter().map(Jwk::thumbprint).collect::<Vec<_>>();
    assert_eq!(prints(&set), prints(&again));
}

#[test]
fn a_zero_before_the_modulus_changes_nothing() {
    let n = crate::b64::decode(rsa_jwk()["n"].as_str().unwrap()).unwrap();
    let padded = with(rsa_jwk(), "n", json!(crate::b64::encode([vec![0], n].concat())));
    let print = |key: Value| Jwk::parse(key.to_string().as_bytes()).unwrap().thumbprint();
    assert_eq!(print(padded), print(rsa_jwk()));
}
