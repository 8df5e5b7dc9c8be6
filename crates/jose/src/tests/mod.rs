//! Vectors of the RFCs, attacks, and laws.

mod attacks;
mod laws;
mod sets;
mod vectors;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::backend::rand::SystemRandom;
use crate::backend::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
};
use crate::{Algorithm, SigningKey, b64};

const RSA_PKCS8: &str = include_str!("vectors/rfc7515-a2.pkcs8");
const RSA_JWK: &str = include_str!("vectors/rfc7515-a2.jwk");

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    sub: String,
}

fn claims() -> Claims {
    Claims { sub: "alice".to_owned() }
}

fn rng() -> SystemRandom {
    SystemRandom::new()
}

/// A private key for each algorithm: the one RSA key of the RFC, the others fresh.
fn pkcs8(alg: Algorithm) -> Vec<u8> {
    match alg {
        Algorithm::ES256 => {
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng()).unwrap()
        }
        Algorithm::ES384 => {
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &rng()).unwrap()
        }
        Algorithm::EdDSA => Ed25519KeyPair::generate_pkcs8(&rng()).unwrap(),
        Algorithm::RS256
        | Algorithm::RS384
        | Algorithm::RS512
        | Algorithm::PS256
        | Algorithm::PS384
        | Algorithm::PS512 => return b64::decode(RSA_PKCS8.replace('\n', "")).unwrap(),
    }
    .as_ref()
    .to_vec()
}

fn signing_key(alg: Algorithm) -> SigningKey {
    SigningKey::from_pkcs8(alg, "k1", &pkcs8(alg), &rng()).unwrap()
}

/// A token with any header and payload, under a signature that is taken as it comes.
fn token(header: &Value, payload: &str, signature: &[u8]) -> String {
    format!(
        "{}.{}.{}",
        b64::encode(header.to_string()),
        b64::encode(payload),
        b64::encode(signature)
    )
}

fn es256_jwk() -> Value {
    json!({
        "kty": "EC",
        "crv": "P-256",
        "kid": "a3",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

fn ed25519_jwk() -> Value {
    json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "kid": "ed",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    })
}
