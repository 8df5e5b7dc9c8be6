//! Links to further pages and to exports: sealed, so that nobody makes or alters one, and good for one grant alone.
//!
//! What is inside is an address of the server behind. Whoever follows a link is judged anew, by the token of that moment.

use std::sync::Arc;

use fireward_fhir::Access;
use fireward_jose::b64;
use fireward_jose::backend::rand::SecureRandom;
use fireward_keys::MasterKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Makes links and reads them again. Nodes that share the key read each other's.
pub struct Links {
    key: MasterKey,
    random: Arc<dyn SecureRandom + Send + Sync>,
}

/// A place in the answers of the server behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Path and query, below the base of the server behind.
    #[serde(rename = "t")]
    pub(crate) target: String,
    /// How many of the matches there were on a page before.
    #[serde(rename = "s", default)]
    pub(crate) skip: usize,
}

impl Links {
    /// Links under this key.
    #[must_use]
    pub fn new(key: MasterKey, random: Arc<dyn SecureRandom + Send + Sync>) -> Self {
        Self { key, random }
    }

    /// Seals a place for the bearer of a token; `of` is what was asked, and must be named again.
    pub(crate) fn seal<T: Serialize>(
        &self,
        access: &Access,
        of: &str,
        place: &T,
    ) -> Result<String, Failure> {
        let text = serde_json::to_vec(place).unwrap_or_default();
        let sealed = self.key.seal(&purpose(access, of), &text, &*self.random);
        sealed.map(b64::encode).map_err(|_| Failure::Busy(None))
    }

    /// Opens a link.
    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        access: &Access,
        of: &str,
        link: &str,
    ) -> Option<T> {
        let sealed = b64::decode(link).ok()?;
        let text = self.key.open(&purpose(access, of), &sealed).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

/// Not the scopes: a refreshed token may have fewer, and every page is judged by those that it has.
fn purpose<'a>(access: &'a Access, of: &'a str) -> [&'a str; 6] {
    let text = |text: Option<&'a str>| text.unwrap_or_default();
    [
        "gateway",
        access.client(),
        text(access.subject()),
        text(access.patient()),
        text(access.group()),
        of,
    ]
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Links(…)")
    }
}
