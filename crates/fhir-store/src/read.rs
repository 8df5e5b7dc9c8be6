//! Reading one resource: its current version, or a given one.

use fireward_fhir::Permit;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::entity::{resource, version};
use crate::error::RecordsError;
use crate::records::Records;
use crate::stored::Stored;
use crate::visible::visible;

impl Records {
    /// The current version (FHIR R4 http.html#read). What the permit does not reach is missing (D-36).
    ///
    /// # Errors
    /// `Missing`, `Gone` where the asker could have read it before it was deleted, or ours.
    pub async fn read(
        &self,
        permit: &Permit,
        kind: &str,
        id: &str,
    ) -> Result<Stored, RecordsError> {
        read_in(&self.database, permit, kind, id).await
    }

    /// The given version (FHIR R4 http.html#vread). The permit must reach both it and the current one.
    ///
    /// # Errors
    /// As [`Records::read`].
    pub async fn vread(
        &self,
        permit: &Permit,
        name: (&str, &str),
        wanted: u64,
    ) -> Result<Stored, RecordsError> {
        vread_in(&self.database, permit, name, wanted).await
    }
}

/// [`Records::read`], also within a transaction.
pub(crate) async fn read_in<C: ConnectionTrait>(
    db: &C,
    permit: &Permit,
    kind: &str,
    id: &str,
) -> Result<Stored, RecordsError> {
    let row = find(db, kind, id).await?.ok_or(RecordsError::Missing)?;
    let number = row.number;
    let stored = Stored::of(row)?;
    visible_now(db, permit, number, &stored).await?;
    if stored.deleted { Err(RecordsError::Gone) } else { Ok(stored) }
}

/// Whether the permit reaches the current version; of a deletion, the one before.
pub(crate) async fn visible_now<C: ConnectionTrait>(
    db: &C,
    permit: &Permit,
    number: i64,
    current: &Stored,
) -> Result<(), RecordsError> {
    if !current.deleted {
        return visible(db, permit, current).await;
    }
    let last = earlier(db, number, current, current.version.saturating_sub(1)).await?;
    visible(db, permit, &last).await
}

/// [`Records::vread`], also within a transaction.
pub(crate) async fn vread_in<C: ConnectionTrait>(
    db: &C,
    permit: &Permit,
    (kind, id): (&str, &str),
    wanted: u64,
) -> Result<Stored, RecordsError> {
    let row = find(db, kind, id).await?.ok_or(RecordsError::Missing)?;
    let number = row.number;
    let current = Stored::of(row)?;
    // What has been kept back since, or moved to another record, is so with all of its past.
    visible_now(db, permit, number, &current).await?;
    if current.version == wanted {
        return if current.deleted { Err(RecordsError::Gone) } else { Ok(current) };
    }
    let stored = earlier(db, number, &current, wanted).await?;
    if !stored.deleted {
        visible(db, permit, &stored).await?;
        return Ok(stored);
    }
    let before = earlier(db, number, &stored, wanted.saturating_sub(1)).await?;
    visible(db, permit, &before).await?;
    Err(RecordsError::Gone)
}

/// The row of the current version.
pub(crate) async fn find<C: ConnectionTrait>(
    db: &C,
    kind: &str,
    id: &str,
) -> Result<Option<resource::Model>, RecordsError> {
    let query = resource::Entity::find()
        .filter(resource::Column::Kind.eq(kind))
        .filter(resource::Column::Id.eq(id));
    Ok(query.one(db).await?)
}

/// An earlier version of the resource whose current version is given.
pub(crate) async fn earlier<C: ConnectionTrait>(
    db: &C,
    number: i64,
    current: &Stored,
    wanted: u64,
) -> Result<Stored, RecordsError> {
    let wanted = i64::try_from(wanted).map_err(|_| RecordsError::Missing)?;
    let row = version::Entity::find_by_id((number, wanted)).one(db).await?;
    let row = row.ok_or(RecordsError::Missing)?;
    Stored::of_version(current.kind.clone(), current.id.clone(), row)
}
