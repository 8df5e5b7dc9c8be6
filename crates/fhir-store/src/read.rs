//! Reading one resource: its current version, a given one, or all of them.

use fireward_fhir::Permit;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

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
        let row = find(&self.database, kind, id).await?.ok_or(RecordsError::Missing)?;
        let number = row.number;
        let stored = Stored::of(row)?;
        if !stored.deleted {
            visible(&self.database, permit, &stored).await?;
            return Ok(stored);
        }
        let last =
            earlier(&self.database, number, &stored, stored.version.saturating_sub(1)).await?;
        visible(&self.database, permit, &last).await?;
        Err(RecordsError::Gone)
    }

    /// The given version (FHIR R4 http.html#vread). Each version is judged by what it says itself.
    ///
    /// # Errors
    /// As [`Records::read`].
    pub async fn vread(
        &self,
        permit: &Permit,
        (kind, id): (&str, &str),
        wanted: u64,
    ) -> Result<Stored, RecordsError> {
        let row = find(&self.database, kind, id).await?.ok_or(RecordsError::Missing)?;
        let number = row.number;
        let current = Stored::of(row)?;
        let stored = if current.version == wanted {
            current
        } else {
            earlier(&self.database, number, &current, wanted).await?
        };
        if !stored.deleted {
            visible(&self.database, permit, &stored).await?;
            return Ok(stored);
        }
        let before = earlier(&self.database, number, &stored, wanted.saturating_sub(1)).await?;
        visible(&self.database, permit, &before).await?;
        Err(RecordsError::Gone)
    }

    /// Every version that the permit reaches, the newest first (FHIR R4 http.html#history). A deletion is listed
    /// where the version before it is.
    ///
    /// # Errors
    /// `Missing` where there is none, or ours.
    pub async fn history(
        &self,
        permit: &Permit,
        kind: &str,
        id: &str,
    ) -> Result<Vec<Stored>, RecordsError> {
        let row = find(&self.database, kind, id).await?.ok_or(RecordsError::Missing)?;
        let number = row.number;
        let rows = version::Entity::find()
            .filter(version::Column::Resource.eq(number))
            .order_by_asc(version::Column::Version)
            .all(&self.database)
            .await?;
        let earlier = rows.into_iter().map(|r| Stored::of_version(kind.into(), id.into(), r));
        let mut versions = earlier.collect::<Result<Vec<_>, _>>()?;
        versions.push(Stored::of(row)?);
        let mut shown: Vec<Stored> = Vec::new();
        let mut before_was_shown = false;
        for stored in versions {
            if !stored.deleted {
                before_was_shown = match visible(&self.database, permit, &stored).await {
                    Ok(()) => true,
                    Err(RecordsError::Missing) => false,
                    Err(error) => return Err(error),
                };
            }
            if before_was_shown {
                shown.push(stored);
            }
        }
        shown.reverse();
        if shown.is_empty() { Err(RecordsError::Missing) } else { Ok(shown) }
    }
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
