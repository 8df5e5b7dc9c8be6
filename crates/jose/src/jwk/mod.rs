//! Public keys as JSON (RFC 7517, RFC 7518 §6, RFC 8037 §2). There is no private form here, so what is
//! read here cannot leak one.

mod curve;
mod material;
mod modulus;
mod set;

use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(crate) use material::Material;
pub use set::{JwkSet, NoKey, SetFault};

use crate::{Algorithm, VerifyingKey, b64, json, sha256};

/// The longest `kid` that is kept.
const MAX_KID: usize = 256;
/// Members of private keys (RFC 7518 §6.2.2, §6.3.2), a fault by their presence alone.
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];

/// Why a key is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Not a JSON object with the members of a key.
    #[error("it is not a JSON Web Key")]
    NotAKey,
    /// It has private members (`d`, `p`, `q` …), so it is private no longer.
    #[error("it has private members, so the private key must be considered lost")]
    Private,
    /// `kty` is `oct`, or `k` is there: a shared secret has no place among public keys.
    #[error("it is a symmetric key")]
    Symmetric,
    /// `kty` or `crv` is one that we do not know.
    #[error("its type or curve is not supported")]
    Unsupported,
    /// A coordinate, modulus or exponent is malformed, or the point is not on its curve.
    #[error("its numbers are not those of a key")]
    Invalid,
    /// RSA under 2048 bits or with a useless exponent, ROCA (CVE-2017-15361), a point of small order.
    #[error("it is too weak")]
    Weak,
    /// `alg` is unknown or does not belong to the key's type.
    #[error("its algorithm is unknown or not one for its type")]
    WrongAlgorithm,
    /// `key_ops` does not list `verify`, or `use` is neither `sig` nor `enc`.
    #[error("it is not meant for verifying signatures")]
    NotForVerifying,
    /// No `kid`, an empty one or one of more than 256 octets (SMART App Launch 2.2 requires it).
    #[error("it has no usable kid")]
    NoKid,
}

/// A public key that can verify signatures.
#[derive(Debug, Clone)]
pub struct Jwk {
    kid: Option<String>,
    alg: Option<Algorithm>,
    material: Material,
    key: VerifyingKey,
}

impl Jwk {
    /// Reads one key, with or without a `kid`.
    ///
    /// # Errors
    /// The first defect that is found.
    pub fn parse(text: &[u8]) -> Result<Self, KeyFault> {
        let value = json::from_slice(text).map_err(|_| KeyFault::NotAKey)?;
        Self::read(value)?.ok_or(KeyFault::NotForVerifying)
    }

    /// `None` is a sound key that serves another purpose than signatures.
    pub(crate) fn read(value: Value) -> Result<Option<Self>, KeyFault> {
        let has = |member: &&str| value.get(member).is_some();
        if has(&"k") || value.get("kty").is_some_and(|kty| kty == "oct") {
            return Err(KeyFault::Symmetric);
        }
        if PRIVATE.iter().any(has) {
            return Err(KeyFault::Private);
        }
        let raw: Raw = serde_json::from_value(value).map_err(|_| KeyFault::NotAKey)?;
        match raw.usage.as_deref() {
            Some("enc") => return Ok(None),
            Some("sig") | None => {}
            Some(_) => return Err(KeyFault::NotForVerifying),
        }
        if raw.key_ops.as_ref().is_some_and(|ops| !ops.iter().any(|op| op == "verify")) {
            return Err(KeyFault::NotForVerifying);
        }
        let alg = raw.alg.as_deref().map(str::parse).transpose();
        let alg = alg.map_err(|_| KeyFault::WrongAlgorithm)?;
        let material = raw.material()?;
        Self::new(raw.kid, alg, material).map(Some)
    }

    pub(crate) fn new(
        kid: Option<String>,
        alg: Option<Algorithm>,
        material: Material,
    ) -> Result<Self, KeyFault> {
        if kid.as_ref().is_some_and(|kid| kid.is_empty() || kid.len() > MAX_KID) {
            return Err(KeyFault::NoKid);
        }
        let key = VerifyingKey::new(&material, alg)?;
        Ok(Self { kid, alg, material, key })
    }

    /// The key's name in its set (RFC 7517 §4.5).
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The one algorithm that the key is bound to, if it names one (RFC 7517 §4.4).
    #[must_use]
    pub fn alg(&self) -> Option<Algorithm> {
        self.alg
    }

    /// The key, ready to verify.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The key as JSON: its public numbers, `use`, and `kid` and `alg` where it has them.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut members: Map<String, Value> = Map::new();
        for (name, value) in self.material.members() {
            members.insert(name.to_owned(), Value::String(value));
        }
        members.insert("use".to_owned(), json!("sig"));
        if let Some(kid) = &self.kid {
            members.insert("kid".to_owned(), json!(kid));
        }
        if let Some(alg) = self.alg {
            members.insert("alg".to_owned(), json!(alg.name()));
        }
        Value::Object(members)
    }

    /// The SHA-256 thumbprint in base64url (RFC 7638 §3): the required members in alphabetical order.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let members: Vec<String> = self
            .material
            .members()
            .into_iter()
            // Base64url and the names of types and curves need no escaping.
            .map(|(name, value)| format!(r#""{name}":"{value}""#))
            .collect();
        b64::encode(sha256(format!("{{{}}}", members.join(","))))
    }
}

#[derive(Deserialize)]
struct Raw {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl Raw {
    fn material(&self) -> Result<Material, KeyFault> {
        let number = |text: &Option<String>| {
            let text = text.as_ref().ok_or(KeyFault::NotAKey)?;
            b64::decode(text).map_err(|_| KeyFault::Invalid)
        };
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => Material::rsa(number(&self.n)?, number(&self.e)?),
            ("EC", Some("P-256")) => Material::p256(number(&self.x)?, number(&self.y)?),
            ("EC", Some("P-384")) => Material::p384(number(&self.x)?, number(&self.y)?),
            ("OKP", Some("Ed25519")) => Material::ed25519(number(&self.x)?),
            ("EC" | "OKP", None) => Err(KeyFault::NotAKey),
            _ => Err(KeyFault::Unsupported),
        }
    }
}
