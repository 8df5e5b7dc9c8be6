//! `[style]`: the look that apps may take over when they are launched (SC-19).

use std::collections::BTreeMap;

use fireward_oauth::launch::Style;
use serde::Deserialize;

/// The members of a style; Fireward's own look where there are none.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct StyleConfig(BTreeMap<String, String>);

impl StyleConfig {
    /// The style.
    ///
    /// # Errors
    /// Names the member that is not known, or whose value it does not take.
    pub(crate) fn parse(&self) -> Result<Style, String> {
        if self.0.is_empty() {
            return Ok(Style::default());
        }
        Style::from_json(&serde_json::json!(self.0)).map_err(|wrong| format!("[style] {wrong}"))
    }
}
