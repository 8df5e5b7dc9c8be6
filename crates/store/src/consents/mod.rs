//! What people allowed before, so that they are not asked again.

pub(crate) mod entity;
mod rows;

use fireward_oauth::{ClientId, IssuerId, ResourceServerId, UserId, authorize::Consent};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use self::entity::{Column, Entity};
use crate::{StoreError, Tx, accessors::Source, table};

/// What people allowed before.
pub struct Consents<'a, A>(pub(crate) &'a A);

impl<A: Source> Consents<'_, A> {
    /// What a person last allowed a client at a resource server; `None` for plain sign-in.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn find(
        &self,
        issuer: &IssuerId,
        user: &UserId,
        client: &ClientId,
        server: Option<&ResourceServerId>,
    ) -> Result<Option<Consent>, StoreError> {
        let server = server.map(ToString::to_string).unwrap_or_default();
        let key = (issuer.to_string(), user.to_string(), client.to_string(), server);
        let row = table::only(Entity::find_by_id(key).all(self.0.connection()).await?);
        row.map(rows::consent).transpose()
    }
}

impl Consents<'_, Tx> {
    /// Remembers what was allowed, in the place of what was before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save(&self, consent: &Consent) -> Result<(), StoreError> {
        table::save::<Entity>(self.0, rows::row(consent)).await
    }

    /// Forgets what a person allowed a client, at every resource server; how many memories there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove(
        &self,
        issuer: &IssuerId,
        user: &UserId,
        client: &ClientId,
    ) -> Result<u64, StoreError> {
        let theirs = Entity::delete_many()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::UserId.eq(user.as_str()))
            .filter(Column::Client.eq(client.as_str()));
        Ok(theirs.exec(&self.0.transaction).await?.rows_affected)
    }

    /// Forgets all that a person allowed anybody.
    pub(crate) async fn remove_all(
        &self,
        issuer: &IssuerId,
        user: &UserId,
    ) -> Result<(), StoreError> {
        let theirs = Entity::delete_many()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::UserId.eq(user.as_str()));
        theirs.exec(&self.0.transaction).await?;
        Ok(())
    }
}
