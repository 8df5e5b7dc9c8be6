//! Sealing: what apps keep may be keys, so that whoever has the database alone has nothing (AS-6).

use std::sync::Arc;

use fireward_jose::backend::rand::SecureRandom;
use fireward_keys::MasterKey;

use super::entity::Model;
use crate::error::RecordsError;

/// The key that states are sealed under.
#[derive(Clone)]
pub struct Vault {
    key: Arc<MasterKey>,
    random: Arc<dyn SecureRandom + Send + Sync>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// A vault with this key.
    #[must_use]
    pub fn new(key: MasterKey, random: Arc<dyn SecureRandom + Send + Sync>) -> Self {
        Self { key: Arc::new(key), random }
    }

    /// Seals a text for a row: for its id, version and key, so that no row can be put in the place of another.
    pub(super) fn seal(&self, row: &Model, text: &str) -> Result<Vec<u8>, RecordsError> {
        let version = row.version.to_string();
        let sealed = self.key.seal(&purpose(row, &version), text.as_bytes(), &*self.random);
        sealed.map_err(|why| corrupt(&why))
    }

    /// Opens what was sealed for a row.
    pub(super) fn open(&self, row: &Model) -> Result<String, RecordsError> {
        let version = row.version.to_string();
        let opened = self.key.open(&purpose(row, &version), &row.sealed);
        let text = opened.map_err(|why| corrupt(&why))?;
        String::from_utf8(text.to_vec()).map_err(|why| corrupt(&why))
    }
}

fn purpose<'a>(row: &'a Model, version: &'a str) -> [&'a str; 6] {
    ["app-state", &row.id, version, &row.system, &row.code, &row.subject]
}

/// The row is named in no message: ids of states are the apps' affair.
fn corrupt(why: &dyn ToString) -> RecordsError {
    RecordsError::Corrupt { table: "fhir_app_state", row: 0, fault: why.to_string() }
}
