//! `[consent]`: how kinds of record are marked on the consent page.

use std::collections::BTreeMap;

use fireward_oauth::policy::Marks;
use serde::Deserialize;

/// What is marked on the consent page.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Consent {
    sensitive: Vec<String>,
    needed: BTreeMap<String, Vec<String>>,
}

impl Consent {
    /// The marks.
    ///
    /// # Errors
    /// Names what is no resource type or category, no client id, or no scope.
    pub(crate) fn marks(&self) -> Result<Marks, String> {
        Marks::parse(&self.sensitive, &self.needed).map_err(|why| format!("[consent] {why}"))
    }
}
