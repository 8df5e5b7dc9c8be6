//! Registered clients. They are cached: every change is announced with its commit.

pub(crate) mod entity;
mod rows;

use fireward_oauth::{ClientId, IssuerId, Timestamp, client::Client, grants::GrantEnd};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use self::entity::{Column, Entity};
use crate::{StoreError, Tx, accessors::Source, changes, table};

/// Registered clients.
pub struct Clients<'a, A>(pub(crate) &'a A);

impl<A: Source> Clients<'_, A> {
    /// The client of that id, as the database has it now.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn find(
        &self,
        issuer: &IssuerId,
        id: &ClientId,
    ) -> Result<Option<Client>, StoreError> {
        let row = Entity::find_by_id((issuer.to_string(), id.to_string()));
        table::only(row.all(self.0.connection()).await?).map(rows::client).transpose()
    }

    /// Every client of the issuer, by id.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn list(&self, issuer: &IssuerId) -> Result<Vec<Client>, StoreError> {
        let of_issuer = Entity::find().filter(Column::Issuer.eq(issuer.as_str()));
        let rows = of_issuer.order_by_asc(Column::Id).all(self.0.connection()).await?;
        rows.into_iter().map(rows::client).collect()
    }
}

impl Clients<'_, Tx> {
    /// Registers a client, or overwrites it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save(&self, client: &Client) -> Result<(), StoreError> {
        table::save::<Entity>(self.0, rows::row(client)).await?;
        changes::announce(self.0).await
    }

    /// Removes a client and ends its grants; whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove(
        &self,
        issuer: &IssuerId,
        id: &ClientId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.grants().end_for_client(issuer, id, GrantEnd::Withdrawn(now)).await?;
        let row = Entity::delete_by_id((issuer.to_string(), id.to_string()));
        let removed = row.exec(&self.0.transaction).await?.rows_affected > 0;
        changes::announce(self.0).await?;
        Ok(removed)
    }
}
