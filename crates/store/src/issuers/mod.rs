//! The issuers that a database belongs to.

pub(crate) mod entity;

use fireward_oauth::{Issuer, IssuerId, Timestamp};
use sea_orm::EntityTrait as _;

use crate::{StoreError, Tx, accessors::Source, table};

/// The issuers that the database belongs to.
pub struct Issuers<'a, A>(pub(crate) &'a A);

impl<A: Source> Issuers<'_, A> {
    /// The URL that an issuer's rows were written under.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: &IssuerId) -> Result<Option<String>, StoreError> {
        let row = entity::Entity::find_by_id(id.as_str().to_owned());
        Ok(table::only(row.all(self.0.connection()).await?).map(|row| row.url))
    }
}

impl Issuers<'_, Tx> {
    /// Writes an issuer down, or checks that it is the one that was.
    ///
    /// # Errors
    /// [`StoreError::WrongIssuer`] when it was written under another URL.
    pub async fn check(
        &self,
        id: &IssuerId,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let asked = issuer.as_str().to_owned();
        match self.find(id).await? {
            Some(written) if written == asked => Ok(()),
            Some(written) => Err(StoreError::WrongIssuer { written, asked }),
            None => {
                let issuer = id.as_str().to_owned();
                let row = entity::Model { issuer, url: asked, created_at: now.unix() };
                table::insert::<entity::Entity>(self.0, row).await
            }
        }
    }
}
