//! What people allowed before, so that they are not asked again.

pub(crate) mod entity;
mod rows;

use fireward_oauth::{ClientId, IssuerId, ResourceServerId, Timestamp, UserId, authorize::Consent};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use self::entity::{Column, Entity};
use crate::{StoreError, Tx, accessors::Source, table};

/// What people allowed before.
pub struct Consents<'a, A>(pub(crate) &'a A);

impl<A: Source> Consents<'_, A> {
    /// What a person last allowed a client at a resource server, for each of these records; `None` for plain sign-in,
    /// and for what is about no patient.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn find(
        &self,
        issuer: &IssuerId,
        user: &UserId,
        (client, server): (&ClientId, Option<&ResourceServerId>),
        patients: &[Option<&str>],
    ) -> Result<Vec<Consent>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::UserId.eq(user.as_str()))
            .filter(Column::Client.eq(client.as_str()))
            .filter(Column::ResourceServer.eq(server.map(ToString::to_string).unwrap_or_default()))
            .filter(Column::Patient.is_in(patients.iter().map(|one| one.unwrap_or_default())));
        rows.all(self.0.connection()).await?.into_iter().map(rows::consent).collect()
    }

    /// All that a person allowed and that counts now, newest first.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn list_live_for_user(
        &self,
        issuer: &IssuerId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Vec<Consent>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::UserId.eq(user.as_str()))
            .filter(Column::Until.gt(now.unix()))
            .order_by_desc(Column::GivenAt);
        rows.all(self.0.connection()).await?.into_iter().map(rows::consent).collect()
    }
}

impl Consents<'_, Tx> {
    /// Remembers what was allowed, in the place of what was before for the same record.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save(&self, consent: &Consent) -> Result<(), StoreError> {
        table::save::<Entity>(self.0, rows::row(consent)).await
    }

    /// Forgets what a person allowed a client, at every resource server and for every record; how many memories there were.
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

    /// Forgets all that a person allowed anybody; how many memories there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_all(&self, issuer: &IssuerId, user: &UserId) -> Result<u64, StoreError> {
        let theirs = Entity::delete_many()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::UserId.eq(user.as_str()));
        Ok(theirs.exec(&self.0.transaction).await?.rows_affected)
    }
}
