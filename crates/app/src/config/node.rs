//! `[node]`: this process among all that share a database.

use serde::Deserialize;

/// One node.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NodeConfig {
    /// Its name, the same whenever it starts again: it names its chain in the audit log.
    pub(crate) name: String,
}

impl Default for NodeConfig {
    fn default() -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let name = if host.trim().is_empty() { "main" } else { host.trim() };
        Self { name: name.to_owned() }
    }
}

impl NodeConfig {
    /// A name that a line of a list can hold.
    pub(crate) fn check(&self) -> Result<(), String> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if !self.name.is_empty() && self.name.len() <= 255 && self.name.chars().all(fits) {
            return Ok(());
        }
        Err(format!("[node] name: {:?} must be letters, digits, dots and hyphens", self.name))
    }
}
