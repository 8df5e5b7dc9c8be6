//! `[smart]`: what of SMART App Launch is turned off.

use fireward_oauth::capability::{Capabilities, Capability};
use serde::Deserialize;

/// What the SMART configuration does not promise, and what then does not work.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Smart {
    capabilities_off: Vec<String>,
}

impl Smart {
    /// The capabilities that are left.
    ///
    /// # Errors
    /// Names the string that is no capability, with those that are.
    pub(crate) fn capabilities(&self) -> Result<Capabilities, String> {
        let parse = |text: &String| {
            Capability::parse(text).ok_or_else(|| {
                let known: Vec<_> =
                    Capability::VARIANTS.iter().map(|capability| capability.as_str()).collect();
                let known = known.join(" ");
                format!("[smart] capabilities_off: {text} is not one of {known}")
            })
        };
        let off = self.capabilities_off.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        Ok(Capabilities::without(off))
    }
}
