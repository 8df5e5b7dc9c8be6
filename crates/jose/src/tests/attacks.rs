use serde_json::{Value, json};

use super::{Claims, RSA_JWK, claims, ed25519_jwk, es256_jwk, rng, signing_key, token};
use crate::{
    Algorithm, BadSignature, Jwk, JwkSet, KeyFault, MAX_TOKEN, Malformed, NoKey, Unverified,
    VerifyingKey, b64,
};

fn parse(token: &str) -> Result<Unverified<Value>, Malformed> {
    Unverified::parse(token)
}

fn verify(token: &str, key: &VerifyingKey) -> Result<(), BadSignature> {
    parse(token).unwrap().verify(key, &Algorithm::VARIANTS).map(|_| ())
}

#[test]
fn j1_alg_none_is_refused_however_it_is_spelled() {
    for alg in ["none", "None", "nOnE", "NONE", "", "HS256", "RS257", "rs256"] {
        for signature in [&b""[..], b"x"] {
            let none = token(&json!({ "alg": alg }), "{}", signature);
            assert_eq!(parse(&none).unwrap_err(), Malformed::Algorithm, "{alg}");
        }
    }
    for header in [json!({}), json!({ "alg": null }), json!({ "alg": ["RS256"] }), json!([])] {
        assert_eq!(parse(&token(&header, "{}", b"")).unwrap_err(), Malformed::Header, "{header}");
    }
}

#[test]
fn j2_a_public_key_is_never_a_shared_secret() {
    let header = json!({ "alg": "HS256" });
    let signed = format!("{}.{}", b64::encode(header.to_string()), b64::encode("{}"));
    let secret = crate::backend::hmac::Key::new(
        crate::backend::hmac::HMAC_SHA256,
        RSA_JWK.trim().as_bytes(),
    );
    let tag = crate::backend::hmac::sign(&secret, signed.as_bytes());
    let forged = format!("{signed}.{}", b64::encode(tag));
    assert_eq!(parse(&forged).unwrap_err(), Malformed::Algorithm);
}

#[test]
fn j2_a_key_verifies_only_with_algorithms_of_its_type_and_its_own() {
    let key = signing_key(Algorithm::RS256);
    let signed = key.sign("JWT", &claims(), &rng()).unwrap();
    let es256 = Jwk::parse(es256_jwk().to_string().as_bytes()).unwrap();
    assert_eq!(verify(&signed, es256.verifying_key()), Err(BadSignature::WrongKey));
    // The JWK says RS256, so it is not one for PS256, which would work.
    assert!(!key.public_jwk().verifying_key().permits(Algorithm::PS256));
    let allowed = parse(&signed).unwrap();
    let key = key.public_jwk().verifying_key();
    assert_eq!(
        allowed.verify(key, &[Algorithm::ES256]).unwrap_err(),
        BadSignature::AlgorithmNotAllowed
    );
}

#[test]
fn j4_keys_inside_a_token_are_ignored_and_jku_is_only_shown() {
    let header = json!({
        "alg": "ES256",
        "kid": "a3",
        "jku": "https://evil.example/jwks",
        "jwk": es256_jwk(),
        "x5c": ["MIIB"],
        "x5u": "https://evil.example/x5u",
    });
    let token = parse(&token(&header, "{}", &[1; 64])).unwrap();
    assert_eq!(token.header().jku.as_deref(), Some("https://evil.example/jwks"));
    let other = signing_key(Algorithm::ES256);
    let verified = token.verify(other.public_jwk().verifying_key(), &Algorithm::VARIANTS);
    assert_eq!(verified.unwrap_err(), BadSignature::Invalid);
}

#[test]
fn j5_kid_is_an_opaque_name() {
    let keys = json!({ "keys": [es256_jwk(), ed25519_jwk()] });
    let set = JwkSet::parse_strict(keys.to_string().as_bytes()).unwrap();
    let long = "k".repeat(10 * 1024);
    for kid in ["../../etc/passwd", "' OR 1=1 --", "", "A3", "a3 ", long.as_str()] {
        let header = json!({ "alg": "ES256", "kid": kid });
        let token = parse(&token(&header, "{}", &[1; 64])).unwrap();
        let chosen = set.select(Algorithm::ES256, token.header().kid.as_deref());
        assert_eq!(chosen.unwrap_err(), NoKey::Unknown, "{kid}");
    }
    let header = json!({ "alg": "ES256", "kid": 7 });
    assert_eq!(parse(&token(&header, "{}", &[])).unwrap_err(), Malformed::Header);
}

#[test]
fn j7_a_member_twice_is_refused_in_header_and_payload() {
    let twice = b64::encode(r#"{"alg":"ES256","alg":"RS256"}"#);
    assert_eq!(parse(&format!("{twice}.e30.AA")).unwrap_err(), Malformed::Header);
    let header = json!({ "alg": "ES256" });
    for payload in [r#"{"sub":"a","sub":"b"}"#, r#"{"x":{"y":1,"y":1}}"#] {
        let refused = parse(&token(&header, payload, b"")).unwrap_err();
        assert_eq!(refused, Malformed::Claims, "{payload}");
    }
}

#[test]
fn j7_only_the_compact_form_of_one_signature_is_read() {
    let json = r#"{"payload":"e30","signatures":[{"protected":"e30","signature":"AA"}]}"#;
    for text in ["", ".", "..", "a.b", "a.b.c.d", "a.b.c.d.e", json] {
        let refused = parse(text).unwrap_err();
        assert!(matches!(refused, Malformed::NotCompact | Malformed::Header), "{text}: {refused}");
    }
}

#[test]
fn j7_critical_extensions_are_refused() {
    for crit in [json!(["b64"]), json!(["exp"]), json!([]), json!(null), json!("x")] {
        let header = json!({ "alg": "ES256", "crit": crit, "b64": false });
        assert_eq!(parse(&token(&header, "{}", b"")).unwrap_err(), Malformed::Critical, "{crit}");
    }
}

#[test]
fn j8_ecdsa_signatures_out_of_form_are_refused() {
    let key = Jwk::parse(es256_jwk().to_string().as_bytes()).unwrap();
    let order = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
    let order: Vec<u8> =
        (0..32).map(|i| u8::from_str_radix(&order[i * 2..i * 2 + 2], 16).unwrap()).collect();
    let out_of_range = [order.clone(), order].concat();
    let mut der = vec![0x30, 0x44, 0x02, 0x20];
    der.extend([1; 32]);
    der.extend([0x02, 0x20]);
    der.extend([1; 32]);
    for signature in [&[0; 64][..], &out_of_range, &der, &[1; 128], &[1; 63], &[]] {
        let forged = token(&json!({ "alg": "ES256" }), "{}", signature);
        assert_eq!(verify(&forged, key.verifying_key()), Err(BadSignature::Invalid));
    }
}

#[test]
fn j8_keys_off_their_curve_or_of_small_order_are_refused() {
    let mut off = es256_jwk();
    off["y"] = off["x"].clone();
    let mut short = es256_jwk();
    short["x"] = json!("AQ");
    let mut crossed = es256_jwk();
    crossed["crv"] = json!("P-384");
    for key in [off, short, crossed] {
        let fault = Jwk::parse(key.to_string().as_bytes()).unwrap_err();
        assert_eq!(fault, KeyFault::Invalid, "{key}");
    }
    let mut identity = [0; 32];
    identity[0] = 1;
    for (octets, sign) in [([0; 32], 0), (identity, 0), (identity, 0x80), ([0; 32], 0x80)] {
        let mut octets = octets;
        octets[31] |= sign;
        let mut key = ed25519_jwk();
        key["x"] = json!(b64::encode(octets));
        assert_eq!(Jwk::parse(key.to_string().as_bytes()).unwrap_err(), KeyFault::Weak, "{key}");
    }
}

#[test]
fn z2_oversized_tokens_are_refused_before_any_work() {
    let huge = "a".repeat(1024 * 1024);
    assert_eq!(parse(&huge).unwrap_err(), Malformed::TooLong);
    assert_eq!(parse(&"a".repeat(MAX_TOKEN + 1)).unwrap_err(), Malformed::TooLong);
    let header = json!({ "alg": "ES256" });
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(1_000), "]".repeat(1_000));
    assert_eq!(parse(&token(&header, &deep, b"")).unwrap_err(), Malformed::Claims);
    let long_number = format!("{{\"exp\":{}}}", "9".repeat(100_000));
    assert_eq!(parse(&token(&header, &long_number, b"")).unwrap_err(), Malformed::TooLong);
    let shorter = format!("{{\"exp\":{}}}", "9".repeat(5_000));
    assert_eq!(parse(&token(&header, &shorter, b"")).unwrap_err(), Malformed::Claims);
}

#[test]
fn i1_a_token_changed_anywhere_is_refused() {
    let key = signing_key(Algorithm::ES256);
    let signed = key.sign("at+jwt", &claims(), &rng()).unwrap();
    for at in 0..signed.len() {
        let mut changed = signed.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        let outcome = Unverified::<Claims>::parse(&changed).ok().and_then(|token| {
            token.verify(key.public_jwk().verifying_key(), &[Algorithm::ES256]).ok()
        });
        assert!(outcome.is_none(), "changed at {at}: {changed}");
    }
    for changed in [signed[..signed.len() - 1].to_owned(), format!("{signed}A")] {
        let token = Unverified::<Claims>::parse(&changed);
        let key = key.public_jwk().verifying_key();
        assert!(token.ok().is_none_or(|t| t.verify(key, &[Algorithm::ES256]).is_err()));
    }
}
