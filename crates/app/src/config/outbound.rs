//! `[outbound]`: requests that we send.

use serde::Deserialize;

/// What URLs that clients registered may reach.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OutboundConfig {
    /// Networks (CIDR) and host names that client-supplied URLs may reach though they are private,
    /// such as an internal network whose apps publish their keys there.
    pub(crate) allow_supplied: Vec<String>,
}
