//! What the criteria of a conditional interaction find (FHIR R4 http.html#ccreate, #cond-update, #3.1.0.7.1).

use fireward_fhir::Permit;
use fireward_fhir::search::Search;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};

use crate::error::RecordsError;
use crate::search::page_of;
use crate::stored::Stored;

/// The one resource that meets the criteria among those that the asker may find, if there is one (D-39, D-40).
///
/// # Errors
/// `Several` where more than one does, or ours.
pub(crate) async fn only<C: ConnectionTrait>(
    db: &C,
    finding: &Permit,
    criteria: &Search,
) -> Result<Option<Stored>, RecordsError> {
    // Two are enough to know that there are several.
    let search = Search { count: Some(2), count_only: false, ..criteria.clone() };
    let mut found = page_of(db, finding, &search).await?.matches;
    if found.len() > 1 {
        return Err(RecordsError::Several);
    }
    Ok(found.pop())
}

/// Makes conditional writes wait for one another: of two that would create the same resource, the second must see what the
/// first has created. SQLite lets one write at a time anyway.
pub(crate) async fn queue(tx: &DatabaseTransaction) -> Result<(), RecordsError> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({QUEUE})")).await?;
    }
    Ok(())
}

/// Any number that nothing else locks by.
const QUEUE: i64 = 0x6669_7265_7761_7264;
