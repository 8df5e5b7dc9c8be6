//! What patients are called. The authorization server keeps no names of theirs, so they are looked up when a page needs
//! them, and a page does without when they cannot be.

use std::{collections::BTreeMap, pin::Pin};

use fireward_oauth::ResourceServerId;

/// Finds the names of patients at their FHIR server.
pub trait Names: Send + Sync {
    /// The names of these patients by id, as far as they can be had soon.
    fn of<'a>(
        &'a self,
        server: &'a ResourceServerId,
        patients: &'a [String],
    ) -> Pin<Box<dyn Future<Output = BTreeMap<String, String>> + 'a>>;
}
