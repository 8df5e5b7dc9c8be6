//! `fireward.toml`: one small file of this folder a concern. An unknown key is an error with its line.

mod audit;
mod brands;
mod consent;
mod gateway;
mod issuer;
mod keys;
mod lifetimes;
mod listen;
mod metrics;
mod node;
mod outbound;
mod security;
mod smart;
mod style;

use std::{
    fs,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use fireward_oauth::resource_server::{
    Provenance,
    registration::{Beside, Registration, settle},
};
use serde::Deserialize;

use crate::{fault::Fault, telemetry::LogFormat};

pub(crate) use audit::AuditConfig;
pub(crate) use brands::BrandsConfig;
pub(crate) use consent::Consent;
pub(crate) use gateway::{GatewayConfig, GatewayFile};
pub(crate) use issuer::IssuerConfig;
pub(crate) use keys::Keys;
pub(crate) use lifetimes::Lifetimes;
pub(crate) use listen::{Listen, Proxy, Tls};
pub(crate) use metrics::Metrics;
pub(crate) use node::NodeConfig;
pub(crate) use outbound::OutboundConfig;
pub(crate) use security::{FhirFile, Security};
pub(crate) use smart::Smart;
pub(crate) use style::StyleConfig;

/// The whole of `fireward.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Who we are.
    pub(crate) issuer: IssuerConfig,
    /// Where we listen.
    #[serde(default)]
    pub(crate) listen: Listen,
    /// This process among all that share the database.
    #[serde(default)]
    pub(crate) node: NodeConfig,
    /// Certificate and key, where we terminate TLS ourselves.
    pub(crate) tls: Option<Tls>,
    /// The proxy in front of us, where there is one.
    pub(crate) proxy: Option<Proxy>,
    /// Where state is kept.
    pub(crate) database: Database,
    /// Signing keys.
    #[serde(default)]
    pub(crate) keys: Keys,
    /// How long things last.
    #[serde(default)]
    pub(crate) lifetimes: Lifetimes,
    /// What is marked on the consent page.
    #[serde(default)]
    pub(crate) consent: Consent,
    /// What of SMART App Launch is turned off.
    #[serde(default)]
    pub(crate) smart: Smart,
    /// The FHIR servers that trust us.
    #[serde(default, rename = "fhir_server")]
    pub(crate) fhir_servers: Vec<Registration>,
    /// The user-access brands that are published at each start.
    pub(crate) brands: Option<BrandsConfig>,
    /// The style that apps may take over.
    #[serde(default)]
    pub(crate) style: StyleConfig,
    /// Requests that we send.
    #[serde(default)]
    pub(crate) outbound: OutboundConfig,
    /// Where the audit log goes besides the database.
    #[serde(default)]
    pub(crate) audit: AuditConfig,
    /// Prometheus metrics.
    pub(crate) metrics: Option<Metrics>,
    /// Logs.
    #[serde(default)]
    pub(crate) log: Log,
}

/// Where state is kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    /// A SQLite path or a `postgres://` URL. May hold a password, so it is never printed.
    pub(crate) url: Option<String>,
    /// A file that holds the URL.
    pub(crate) url_file: Option<PathBuf>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Database(…)")
    }
}

impl Database {
    /// The URL, from wherever it is.
    pub(crate) fn resolve(&self) -> Result<String, Fault> {
        match (&self.url, &self.url_file) {
            (Some(url), None) => Ok(url.clone()),
            (None, Some(path)) => read(path).map(|text| text.trim().to_owned()),
            (Some(_), Some(_)) | (None, None) => {
                Err(Fault::Config("[database] needs either url or url_file".to_owned()))
            }
        }
    }
}

/// Logs, on stderr.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    /// `text` or `json`.
    pub(crate) format: LogFormat,
    /// A directive such as `info` or `fireward_auth_server=debug`.
    pub(crate) filter: Option<String>,
}

impl Log {
    /// Where no file says anything.
    pub(crate) fn of(filter: &str) -> Self {
        Self { filter: Some(filter.to_owned()), ..Self::default() }
    }
}

impl Config {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, has a key that does not exist, or a value that cannot be.
    pub(crate) fn read(path: &Path) -> Result<Self, Fault> {
        let text = read(path)?;
        let config: Self = toml::from_str(&text)
            .map_err(|error| Fault::Config(format!("{}: {error}", path.display())))?;
        config.check().map_err(|wrong| Fault::Config(format!("{}: {wrong}", path.display())))?;
        Ok(config)
    }

    /// The spans of a signing key's life.
    ///
    /// # Errors
    /// When a lifetime is outside its bounds.
    pub(crate) fn key_policy(&self) -> Result<fireward_keys::Policy, Fault> {
        let policy = self.lifetimes.policy().map_err(Fault::Config)?;
        Ok(self.keys.policy(&policy))
    }

    /// What no single value shows to be wrong.
    fn check(&self) -> Result<(), String> {
        let issuer = self.issuer.parse()?;
        self.issuer.parse_ehr_origins()?;
        let encrypted = self.tls.is_some() || self.proxy.is_some();
        if issuer.is_secure() && !encrypted {
            return Err(
                "the issuer is https: give [tls] certificate and key, or name the proxy that \
                 terminates TLS in [proxy] trusted"
                    .to_owned(),
            );
        }
        if self.tls.is_some() && !issuer.is_secure() {
            return Err("[tls] is given, so [issuer] url must be https".to_owned());
        }
        self.smart.capabilities()?;
        self.consent.marks()?;
        self.node.check()?;
        self.style.parse()?;
        let id = self.issuer.parse_id()?;
        let (known, provenance) = (&[], Provenance::Configured);
        let beside = Beside { issuer: &id, url: Some(&issuer), known, provenance };
        let settled = settle(self.fhir_servers.clone(), beside);
        settled.map(drop).map_err(|why| format!("[[fhir_server]] {why}"))
    }
}

/// Reads a text file; `-` is what comes on standard input.
pub(crate) fn read(path: &Path) -> Result<String, Fault> {
    let text = if path.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin().lock())
    } else {
        fs::read_to_string(path)
    };
    text.map_err(|error| Fault::file("read", path, &error))
}

/// Makes a file where it is not there, for its owner's eyes alone.
pub(crate) fn create_private(path: &Path) -> Result<(), Fault> {
    let opened = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    opened.map(drop).map_err(|error| Fault::file("create", path, &error))
}

#[cfg(test)]
mod tests;
