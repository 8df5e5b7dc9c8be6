//! `[brands]`: the user-access brands that this file's server publishes.

use std::path::PathBuf;

use fireward_oauth::brands::{BrandIdentifier, Draft};
use serde::Deserialize;

use crate::{fault::Fault, node::brands_draft};

/// The bundle that is published at each start, whatever was published before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BrandsConfig {
    /// A file with a FHIR Bundle.
    file: PathBuf,
    /// The identifier of the primary brand, as `system|value`, where several could be meant.
    primary: Option<String>,
}

impl BrandsConfig {
    /// The bundle of the file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn draft(&self) -> Result<Draft, Fault> {
        let primary = self.primary.as_deref().map(str::parse::<BrandIdentifier>).transpose();
        let primary = primary.map_err(|why| Fault::Config(format!("[brands] primary: {why}")))?;
        let text = super::read(&self.file)?;
        brands_draft(&text, primary)
            .map_err(|why| Fault::Config(format!("{}: {why}", self.file.display())))
    }
}
