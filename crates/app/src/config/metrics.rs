//! `[metrics]`: Prometheus metrics, on a listener of their own.

use serde::Deserialize;

/// Where metrics are served.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Metrics {
    /// The address; keep it off the public network.
    #[serde(default = "loopback")]
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
}

fn loopback() -> String {
    "127.0.0.1".to_owned()
}
