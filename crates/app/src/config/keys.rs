//! `[keys]`: signing keys and the master key that seals them.

use std::path::PathBuf;

use serde::Deserialize;

/// Signing keys.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Keys {
    /// The file that holds the master key (64 hexadecimal digits, or base64url). Without it the
    /// environment variable `FIREWARD_MASTER_KEY` must hold it.
    pub(crate) master_key_file: Option<PathBuf>,
    /// After how many seconds a signing key is replaced.
    pub(crate) rotate_after: u32,
    /// For how many seconds a resource server may keep our key set: `max-age` of the JWKS.
    pub(crate) jwks_max_age: u32,
    /// How often, in seconds, a node reads its keyring again.
    pub(crate) refresh: u32,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            master_key_file: None,
            rotate_after: 90 * 86_400,
            jwks_max_age: 300,
            refresh: 30,
        }
    }
}
