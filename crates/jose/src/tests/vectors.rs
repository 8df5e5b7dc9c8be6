use serde_json::Value;

use super::{RSA_JWK, ed25519_jwk, es256_jwk};
use crate::{Algorithm, BadSignature, Jwk, JwkSet, Unverified};

fn verify(token: &str, jwk: &[u8], alg: Algorithm) -> Result<Value, BadSignature> {
    let key = Jwk::parse(jwk).unwrap();
    let token = Unverified::<Value>::parse(token.trim()).unwrap();
    token.verify(key.verifying_key(), &[alg]).map(crate::Verified::into_claims)
}

// RFC 7515, appendix A.2.
#[test]
fn rfc_7515_a_2_rs256_verifies() {
    let token = include_str!("vectors/rfc7515-a2.jws");
    let claims = verify(token, RSA_JWK.as_bytes(), Algorithm::RS256).unwrap();
    assert_eq!(claims["iss"], "joe");
}

// RFC 7515, appendix A.3.
#[test]
fn rfc_7515_a_3_es256_verifies() {
    let token = concat!(
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djx",
        "La8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );
    let claims = verify(token, es256_jwk().to_string().as_bytes(), Algorithm::ES256).unwrap();
    assert_eq!(claims["exp"], 1_300_819_380);
}

// RFC 8037, appendix A.4: its payload is no JSON, so the signature is checked by itself.
#[test]
fn rfc_8037_a_4_ed25519_verifies() {
    let signature =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let signature = crate::b64::decode(signature).unwrap();
    let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let key = Jwk::parse(ed25519_jwk().to_string().as_bytes()).unwrap();
    assert_eq!(key.verifying_key().verify(Algorithm::EdDSA, message, &signature), Ok(()));
}

// RFC 7638 §3.1 and RFC 8037, appendix A.3.
#[test]
fn thumbprints_are_those_of_the_rfcs() {
    let rsa = Jwk::parse(include_bytes!("vectors/rfc7638-3.1.jwk")).unwrap();
    assert_eq!(rsa.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    let ed25519 = Jwk::parse(ed25519_jwk().to_string().as_bytes()).unwrap();
    assert_eq!(ed25519.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

// RFC 7517, appendix A.1: the key for encryption is no key of ours.
#[test]
fn rfc_7517_a_1_is_read_but_for_the_encryption_key() {
    let set = JwkSet::parse_strict(include_bytes!("vectors/rfc7517-a1.jwks")).unwrap();
    let kids: Vec<_> = set.iter().map(Jwk::kid).collect();
    assert_eq!(kids, [Some("2011-04-29")]);
}
