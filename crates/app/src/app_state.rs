//! Where apps' state is served, beside a FHIR server, and what it is sealed under.

use std::{path::Path, sync::Arc};

use fireward_fhir_store::Vault;
use fireward_jose::backend::rand::SystemRandom;
use fireward_keys::MasterKey;
use url::Url;

use crate::{config, fault::Fault};

/// A place for the state of apps.
#[derive(Debug)]
pub(crate) struct StatePlace {
    /// The base URL of it.
    pub(crate) base: Url,
    /// What it is sealed under.
    pub(crate) vault: Vault,
}

impl StatePlace {
    /// Under `base`, or else beside a FHIR base, as [`beside`] has it.
    ///
    /// # Errors
    /// When one of them is no URL.
    pub(crate) fn new(fhir: &str, base: Option<&str>, key: MasterKey) -> Result<Self, Fault> {
        let base = base.map_or_else(|| beside(fhir), str::to_owned);
        let wrong = |why| Fault::Config(format!("--app-state-base-url: {base}: {why}"));
        let url = Url::parse(&base).map_err(wrong)?;
        let taken = Url::parse(fhir).is_ok_and(|fhir| fhir.path() == url.path());
        if url.path().trim_matches('/').is_empty() || taken {
            let text = "--app-state-base-url needs a path of its own, such as /app-state";
            return Err(Fault::Config(text.to_owned()));
        }
        Ok(Self { base: url, vault: Vault::new(key, Arc::new(SystemRandom::new())) })
    }
}

/// The base for state beside a FHIR base: `/app-state` in the place of the last part of its path.
pub(crate) fn beside(fhir: &str) -> String {
    let origin = fhir.find("://").map_or(0, |at| at + 3);
    let fhir = fhir.trim_end_matches('/');
    let parent = match fhir.rfind('/') {
        Some(at) if at > origin => fhir.get(..at).unwrap_or(fhir),
        _ => fhir,
    };
    format!("{parent}/app-state")
}

/// The key in a file.
///
/// # Errors
/// When it cannot be read or is none.
pub(crate) fn key_in(path: &Path) -> Result<MasterKey, Fault> {
    MasterKey::parse(config::read(path)?.trim()).map_err(|why| Fault::file("use", path, &why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_1_state_has_a_base_beside_the_records() {
        for (fhir, state) in [
            ("http://localhost:8081/fhir", "http://localhost:8081/app-state"),
            ("https://ehr.example/a/r4/", "https://ehr.example/a/app-state"),
            ("https://ehr.example", "https://ehr.example/app-state"),
        ] {
            assert_eq!(beside(fhir), state);
        }
        let place = |base| StatePlace::new("https://e.example/fhir", base, MasterKey::new([1; 32]));
        assert!(place(None).is_ok() && place(Some("https://e.example/state")).is_ok());
        assert!(place(Some("https://e.example/")).is_err(), "it would hide the records");
        assert!(place(Some("https://e.example/fhir")).is_err());
    }
}
