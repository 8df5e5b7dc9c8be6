//! `[keys]`: signing keys and the master key that seals them.

use std::path::PathBuf;

use fireward_keys::MasterKey;
use fireward_oauth::policy::Policy;
use serde::Deserialize;

use crate::fault::Fault;

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
    /// How far, in seconds, clocks of nodes and resource servers may be apart.
    pub(crate) clock_skew: u32,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            master_key_file: None,
            rotate_after: 90 * 86_400,
            jwks_max_age: 300,
            refresh: 30,
            clock_skew: 60,
        }
    }
}

impl Keys {
    /// The master key, from its file or from the environment.
    ///
    /// # Errors
    /// When there is none, or it is not 256 bits.
    pub(crate) fn master(&self) -> Result<MasterKey, Fault> {
        let Some(path) = &self.master_key_file else {
            #[expect(clippy::disallowed_methods, reason = "app is where the environment is read")]
            let text = std::env::var("FIREWARD_MASTER_KEY").map_err(|_| {
                Fault::Config(
                    "signing keys need a master key: [keys] master_key_file, or FIREWARD_MASTER_KEY \
                     (make one with `openssl rand -hex 32`)"
                        .to_owned(),
                )
            })?;
            return MasterKey::parse(text.trim())
                .map_err(|why| Fault::Config(format!("FIREWARD_MASTER_KEY: {why}")));
        };
        let text = super::read(path)?;
        MasterKey::parse(text.trim()).map_err(|why| Fault::file("use", path, &why))
    }

    /// The spans of a key's life, given the longest token that it signs.
    pub(crate) fn policy(&self, policy: &Policy) -> fireward_keys::Policy {
        let longest = policy.access_token.max(policy.id_token).max(policy.backend_token);
        fireward_keys::Policy {
            rotate_after: self.rotate_after.into(),
            jwks_max_age: self.jwks_max_age.into(),
            refresh: self.refresh.into(),
            skew: self.clock_skew.into(),
            longest_token: longest.as_seconds(),
        }
    }
}
