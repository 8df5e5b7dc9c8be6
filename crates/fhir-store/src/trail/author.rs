//! What is told of a write, in its own transaction: an event for each patient, and where the version comes from.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use fireward_fhir::audit::{AUDIT_EVENT, Deed, PROVENANCE, Scene, event, provenance};
use fireward_fhir::compartment;
use sea_orm::DatabaseTransaction;
use serde_json::Value;

use super::outbox;
use crate::error::RecordsError;
use crate::index;
use crate::records::Records;
use crate::rows::rows_of;
use crate::stored::Stored;
use crate::write::{insert, stamped, text};

/// On whose behalf records are written, and in which request.
#[derive(Debug)]
pub struct Author {
    scene: Scene,
    told: AtomicU32,
}

/// The version that a write revises, as far as it is told.
pub(crate) struct Before {
    version: u64,
    patients: BTreeSet<String>,
}

impl Before {
    pub(crate) fn of(stored: &Stored) -> Result<Self, RecordsError> {
        let deleted = stored.deleted;
        let resource = if deleted { Value::Null } else { stored.resource()? };
        Ok(Self { version: stored.version, patients: compartment::patients(&resource) })
    }
}

impl Author {
    /// Whoever asks in this scene.
    #[must_use]
    pub const fn new(scene: Scene) -> Self {
        Self { scene, told: AtomicU32::new(0) }
    }

    /// The scene.
    #[must_use]
    pub const fn scene(&self) -> &Scene {
        &self.scene
    }

    /// The id of the next event of the request: by it, an event that is delivered twice is still one.
    #[must_use]
    pub fn next_id(&self) -> String {
        format!("{}-{}", self.scene.request, self.told.fetch_add(1, Ordering::Relaxed))
    }
}

impl Records {
    /// The same records, written on somebody's behalf: every write is told in the audit trail, and where it comes from in
    /// a Provenance, both in its own transaction.
    #[must_use]
    pub fn on_behalf_of(&self, author: Arc<Author>) -> Self {
        Self { author: Some(author), ..self.clone() }
    }

    /// Tells a write. Of the trail itself, and of provenances, nothing more is told.
    pub(crate) async fn tell(
        &self,
        tx: &DatabaseTransaction,
        code: &str,
        (stored, resource): (&Stored, Option<&Value>),
        before: Option<Before>,
    ) -> Result<(), RecordsError> {
        let Some(author) = self.author.as_deref().filter(|_| stored.kind != AUDIT_EVENT) else {
            return Ok(());
        };
        let at = |version: u64| format!("{}/{}/_history/{version}", stored.kind, stored.id);
        let what = at(stored.version);
        let revised = before.as_ref().map(|before| at(before.version));
        let mut patients = resource.map(compartment::patients).unwrap_or_default();
        patients.extend(before.into_iter().flat_map(|before| before.patients));
        let deed = Deed { code, what: Some(&what), query: None, failure: None };
        let events: Vec<_> = if patients.is_empty() {
            vec![event(&author.next_id(), &author.scene, &deed, None)]
        } else {
            let event =
                |patient: &String| event(&author.next_id(), &author.scene, &deed, Some(patient));
            patients.iter().map(event).collect()
        };
        outbox::insert(tx, &outbox::rows(author.scene.at, &events)).await?;
        if stored.kind == PROVENANCE {
            return Ok(());
        }
        let id = format!("{}-p", author.next_id());
        let made = (code, what.as_str(), revised.as_deref());
        match provenance(&id, &author.scene, made, patients) {
            Some(provenance) => first_version(tx, provenance, &id, stored).await,
            None => Ok(()),
        }
    }
}

/// Writes the provenance, dated as the version that it is about.
async fn first_version(
    tx: &DatabaseTransaction,
    provenance: Value,
    id: &str,
    of: &Stored,
) -> Result<(), RecordsError> {
    let next = Stored {
        kind: PROVENANCE.to_owned(),
        id: id.to_owned(),
        version: 1,
        last_updated: of.last_updated,
        body: String::new(),
        deleted: false,
    };
    let resource = stamped(provenance, &next);
    let number = insert(tx, &Stored { body: text(&resource), ..next }).await?;
    let values = rows_of(&resource);
    index::insert(tx, &[index::Rows { resource: number, kind: PROVENANCE, values }]).await?;
    Ok(())
}
