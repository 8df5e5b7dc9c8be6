//! `[audit]`: where the audit log goes besides the database.

use std::path::PathBuf;

use fireward_auth_server::AuditTo;
use serde::Deserialize;

use super::read;
use crate::fault::Fault;

/// Where the audit log is delivered as FHIR `AuditEvent`s.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AuditConfig {
    /// A FHIR base. At one of `[[fhir_server]]` the issuer shows a token of its own.
    pub(crate) deliver_to: Option<String>,
    /// A file with a bearer token for any other.
    pub(crate) bearer_file: Option<PathBuf>,
}

impl AuditConfig {
    /// The place, if there is one.
    pub(crate) fn place(&self) -> Result<Option<AuditTo>, Fault> {
        let Some(base) = &self.deliver_to else { return Ok(None) };
        fireward_outbound::Configured::new(base)
            .map_err(|why| Fault::Config(format!("[audit] deliver_to: {why}")))?;
        let bearer = self.bearer_file.as_deref().map(read).transpose()?;
        let bearer = bearer.map(|text| text.trim().to_owned());
        Ok(Some(AuditTo { base: base.trim_end_matches('/').to_owned(), bearer }))
    }
}
