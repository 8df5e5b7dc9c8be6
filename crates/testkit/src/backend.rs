//! What a backend service does: proves itself with signed assertions (RFC 7523, SMART Backend Services).

use fireward_jose::{Algorithm, SigningKey, b64, backend::rand::SystemRandom, sha256};
use serde_json::{Value, json};

use super::{Client, client::Answer, now};

/// RFC 7523 section 2.2.
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A client with a key of its own.
pub struct Backend {
    http: Client,
    /// Its `client_id`.
    pub id: String,
    /// Its key, for those who forge.
    pub key: SigningKey,
    random: SystemRandom,
}

impl Backend {
    /// A backend service with a new key.
    #[must_use]
    pub fn new(id: &str, alg: Algorithm) -> Self {
        Self::with_key(id, alg, "k1")
    }

    /// The same, with a key of this `kid`.
    #[must_use]
    pub fn with_key(id: &str, alg: Algorithm, kid: &str) -> Self {
        let random = SystemRandom::new();
        let der = fireward_keys::generate(alg, &random).unwrap();
        let key = SigningKey::from_pkcs8(alg, kid, &der, &random).unwrap();
        Self { http: Client::public(id, "", ""), id: id.to_owned(), key, random }
    }

    /// Its key set.
    #[must_use]
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.key.public_jwk().to_json()] })
    }

    /// The metadata to import it with.
    #[must_use]
    pub fn metadata(&self, scope: &str) -> Value {
        json!({
            "client_id": self.id,
            "token_endpoint_auth_method": "private_key_jwt",
            "grant_types": ["client_credentials"],
            "jwks": self.jwks(),
            "scope": scope,
        })
    }

    /// A good assertion for `aud`, with some claims changed; null removes them.
    #[must_use]
    pub fn assertion(&self, aud: &str, changed: &Value) -> String {
        let mut nonce = [0; 16];
        fireward_jose::backend::rand::SecureRandom::fill(&self.random, &mut nonce).unwrap();
        let mut claims = json!({
            "iss": self.id, "sub": self.id, "aud": aud, "exp": now() + 240, "iat": now(),
            "jti": b64::encode(sha256(nonce)),
        });
        let members = claims.as_object_mut().unwrap();
        for (name, value) in changed.as_object().into_iter().flatten() {
            members.insert(name.clone(), value.clone());
        }
        members.retain(|_, value| !value.is_null());
        self.key.sign("JWT", &claims, &self.random).unwrap()
    }

    /// Asks a node for a token with this assertion.
    pub async fn token_with(&self, node: &str, assertion: &str, scope: &str) -> Answer {
        self.token_and(node, assertion, scope, &[]).await
    }

    /// The same, with more parameters.
    pub async fn token_and(
        &self,
        node: &str,
        assertion: &str,
        scope: &str,
        more: &[(&str, &str)],
    ) -> Answer {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        self.post(&format!("{node}/token"), assertion, &[&form, more].concat()).await
    }

    /// A form to an endpoint, with this assertion.
    pub async fn post(&self, url: &str, assertion: &str, form: &[(&str, &str)]) -> Answer {
        let proof = [("client_assertion_type", TYPE), ("client_assertion", assertion)];
        self.http.post_as_nobody(url, &[form, &proof].concat()).await
    }

    /// Asks a node of this issuer for a token.
    pub async fn token(&self, issuer: &str, node: &str, scope: &str) -> Answer {
        let assertion = self.assertion(&format!("{issuer}/token"), &json!({}));
        self.token_with(node, &assertion, scope).await
    }
}
