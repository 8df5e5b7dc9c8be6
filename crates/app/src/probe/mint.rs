//! Tokens, good ones and bad ones, by a key that the server trusts.

use std::sync::Arc;

use fireward_jose::{Algorithm, SigningKey, b64, backend::rand::SystemRandom};
use fireward_keys::Keyring;
use fireward_oauth::Jti;
use serde_json::{Value, json};

use crate::{clock, entropy::SystemEntropy, fault::Fault};

/// Plays the issuer.
pub(crate) struct Minter {
    issuer: String,
    audience: String,
    signer: Signer,
    random: SystemRandom,
}

/// A key that the issuer publishes.
pub(crate) enum Signer {
    /// Of a test issuer.
    Key(Box<SigningKey>),
    /// Those of an issuer of ours.
    Keyring(Arc<Keyring>),
}

impl Minter {
    /// With a key that the issuer publishes.
    pub(crate) fn new(issuer: &str, audience: &str, signer: Signer) -> Self {
        let (issuer, audience) = (issuer.to_owned(), audience.to_owned());
        Self { issuer, audience, signer, random: SystemRandom::new() }
    }

    /// The claims of a good token.
    pub(crate) fn claims(&self, scope: &str, patient: Option<&str>) -> Value {
        let now = clock::now().unix();
        let jti = Jti::draw(&SystemEntropy::new());
        let mut claims = json!({
            "iss": self.issuer, "aud": self.audience, "sub": CLIENT, "client_id": CLIENT,
            "scope": scope, "jti": jti.to_string(), "iat": now, "exp": now + 300,
        });
        if let (Some(patient), Some(members)) = (patient, claims.as_object_mut()) {
            members.insert("patient".to_owned(), patient.into());
        }
        claims
    }

    /// A good token.
    pub(crate) fn token(&self, scope: &str, patient: Option<&str>) -> Result<String, Fault> {
        self.sign("at+jwt", &self.claims(scope, patient))
    }

    /// A good token but for some claims.
    pub(crate) fn but(&self, scope: &str, patient: &str, changed: &Value) -> Result<String, Fault> {
        let mut claims = self.claims(scope, Some(patient));
        if let (Some(members), Some(changed)) = (claims.as_object_mut(), changed.as_object()) {
            members.extend(changed.clone());
        }
        self.sign("at+jwt", &claims)
    }

    /// Signs claims.
    pub(crate) fn sign(&self, typ: &str, claims: &Value) -> Result<String, Fault> {
        signed(self.key()?, typ, claims, &self.random)
    }

    /// Signs with a key that nobody publishes, under the name of the one that is.
    pub(crate) fn forge(&self, claims: &Value) -> Result<String, Fault> {
        let wrong = |why: &dyn ToString| Fault::Other(why.to_string());
        let alg = Algorithm::ES256;
        let der = fireward_keys::generate(alg, &self.random).map_err(|why| wrong(&why))?;
        let key = SigningKey::from_pkcs8(alg, self.key()?.kid(), &der, &self.random);
        signed(&key.map_err(|why| wrong(&why))?, "at+jwt", claims, &self.random)
    }

    fn key(&self) -> Result<&SigningKey, Fault> {
        let keys = match &self.signer {
            Signer::Key(key) => return Ok(key),
            Signer::Keyring(keys) => keys,
        };
        let now = clock::now().unix();
        let key =
            keys.signing(Algorithm::ES256, now).or_else(|_| keys.signing(Algorithm::RS256, now));
        key.map_err(|why| Fault::Other(why.to_string()))
    }

    /// A token without a signature (RFC 7519 §6).
    pub(crate) fn unsigned(claims: &Value) -> String {
        let head = json!({ "alg": "none", "typ": "at+jwt" });
        format!("{}.{}.", b64::encode(head.to_string()), b64::encode(claims.to_string()))
    }
}

fn signed(
    key: &SigningKey,
    typ: &str,
    claims: &Value,
    random: &SystemRandom,
) -> Result<String, Fault> {
    key.sign(typ, claims, random).map_err(|why| Fault::Other(why.to_string()))
}

const CLIENT: &str = "fireward-probe";
