//! Launches that EHRs have prepared. Each is claimed once.

pub(crate) mod entity;
mod rows;

use fireward_oauth::{
    AuthorizationId, ClientId, Digest, IssuerId, LaunchHandle, Timestamp, launch::Launch,
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, sea_query::Expr,
};

use self::entity::{Column, Entity};
use crate::{StoreError, Tx, accessors::Source, columns, table};

/// Launches that EHRs have prepared.
pub struct Launches<'a, A>(pub(crate) &'a A);

impl<A: Source> Launches<'_, A> {
    /// The launch that a handle names, claimed or not.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn find(
        &self,
        issuer: &IssuerId,
        digest: &Digest<LaunchHandle>,
    ) -> Result<Option<Launch>, StoreError> {
        let row = Entity::find_by_id((issuer.to_string(), columns::octets(digest)));
        table::only(row.all(self.0.connection()).await?).map(rows::launch).transpose()
    }

    /// How many launches of an EHR wait to be used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting(
        &self,
        issuer: &IssuerId,
        ehr: &ClientId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let waiting = Entity::find()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::CreatedBy.eq(ehr.as_str()))
            .filter(Column::ExpiresAt.gt(now.unix()))
            .filter(Column::ClaimedBy.is_null());
        Ok(waiting.count(self.0.connection()).await?)
    }
}

impl Launches<'_, Tx> {
    /// Keeps a new launch.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert(&self, launch: &Launch) -> Result<(), StoreError> {
        table::insert::<Entity>(self.0, rows::row(launch)).await
    }

    /// Consumes a launch.
    ///
    /// # Errors
    /// [`StoreError::Raced`] when another authorization has, or it is gone; and when the database fails.
    pub async fn claim(
        &self,
        issuer: &IssuerId,
        digest: &Digest<LaunchHandle>,
        by: &AuthorizationId,
    ) -> Result<(), StoreError> {
        // The gate: two windows of one launch may both have come as far as consent.
        let unclaimed = Entity::update_many()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::Digest.eq(columns::octets(digest)))
            .filter(Column::ClaimedBy.is_null())
            .col_expr(Column::ClaimedBy, Expr::value(by.as_str()));
        match unclaimed.exec(&self.0.transaction).await?.rows_affected {
            0 => Err(StoreError::Raced),
            _ => Ok(()),
        }
    }

    /// Takes back a launch of this EHR that nobody has used; whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn withdraw(
        &self,
        issuer: &IssuerId,
        digest: &Digest<LaunchHandle>,
        ehr: &ClientId,
    ) -> Result<bool, StoreError> {
        // The other side of the gate in `claim`: whichever writes first decides.
        let unclaimed = Entity::delete_many()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::Digest.eq(columns::octets(digest)))
            .filter(Column::CreatedBy.eq(ehr.as_str()))
            .filter(Column::ClaimedBy.is_null());
        Ok(unclaimed.exec(&self.0.transaction).await?.rows_affected > 0)
    }
}
