//! The file of `fireward gateway`: what its flags can say, and what is too long or too secret for one.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Listen, Log, Security, Tls, read};
use crate::fault::Fault;

/// The whole of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GatewayFile {
    /// What the gateway stands before.
    pub(crate) gateway: GatewayConfig,
    /// Whom it trusts, as `fireward fhir` has it.
    pub(crate) security: Security,
    /// Where it listens.
    pub(crate) listen: Listen,
    /// Certificate and key, where it terminates TLS itself.
    pub(crate) tls: Option<Tls>,
    /// Logs.
    pub(crate) log: Log,
}

/// `[gateway]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GatewayConfig {
    /// The FHIR base by which clients know the gateway.
    pub(crate) base_url: Option<String>,
    /// The FHIR base of the server behind.
    pub(crate) upstream: Option<String>,
    /// The FHIR base by which the server behind calls itself, if another.
    pub(crate) upstream_name: Option<String>,
    /// A file with a bearer token for the server behind.
    pub(crate) upstream_token_file: Option<PathBuf>,
    /// A file with `name:password` for the server behind.
    pub(crate) upstream_password_file: Option<PathBuf>,
    /// A PEM file with a certificate and its key, shown to the server behind.
    pub(crate) upstream_certificate: Option<PathBuf>,
    /// A PEM file with the authorities that the server behind is certified by, beside the system's.
    pub(crate) upstream_authorities: Option<PathBuf>,
    /// How many seconds the server behind has for an answer.
    pub(crate) upstream_timeout: Option<u64>,
    /// How many octets an answer of the server behind may have.
    pub(crate) largest_answer: Option<usize>,
    /// How many octets a body may have that is sent to the gateway.
    pub(crate) largest_body: Option<usize>,
    /// A file with the rules that hold beyond scopes.
    pub(crate) rules: Option<PathBuf>,
    /// The key that links to further pages are sealed under. Nodes that share it read each other's.
    pub(crate) link_key_file: Option<PathBuf>,
}

impl GatewayFile {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, or has a key that does not exist.
    pub(crate) fn read(path: &Path) -> Result<Self, Fault> {
        let text = read(path)?;
        toml::from_str(&text).map_err(|why| Fault::Config(format!("{}: {why}", path.display())))
    }
}
