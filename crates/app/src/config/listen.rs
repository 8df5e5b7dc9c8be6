//! `[listen]`, `[tls]` and `[proxy]`: how requests reach us.

use std::path::PathBuf;

use serde::Deserialize;

/// Where we listen.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Listen {
    /// The address.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
    /// Worker threads; the number of cores where not given.
    pub(crate) workers: Option<usize>,
}

impl Default for Listen {
    fn default() -> Self {
        Self { host: "127.0.0.1".to_owned(), port: 8080, workers: None }
    }
}

/// Certificate and key, read again when the files change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    /// The certificate chain, PEM.
    pub(crate) certificate: PathBuf,
    /// The private key, PEM.
    pub(crate) key: PathBuf,
}

/// The proxy in front of us.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proxy {
    /// The addresses or networks of the proxies whose `X-Forwarded-For` is believed.
    pub(crate) trusted: Vec<String>,
}
