//! The user-access brands that an issuer publishes. They are cached: every change is announced with its commit.

pub(crate) mod entity;
mod rows;

use fireward_oauth::{IssuerId, brands::Publication};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};

use self::entity::{Column, Entity};
use crate::{StoreError, Tx, accessors::Source, changes, table};

/// The user-access brands of an issuer.
pub struct Brands<'a, A>(pub(crate) &'a A);

impl<A: Source> Brands<'_, A> {
    /// What an issuer publishes, as the database has it now.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn find(&self, issuer: &IssuerId) -> Result<Option<Publication>, StoreError> {
        let row = Entity::find_by_id(issuer.to_string());
        table::only(row.all(self.0.connection()).await?).map(rows::publication).transpose()
    }
}

impl Brands<'_, Tx> {
    /// Publishes in the place of the bundle with the tag `before`, or as the first.
    ///
    /// # Errors
    /// [`StoreError::Raced`] when something else was published in between.
    pub async fn publish(
        &self,
        issuer: &IssuerId,
        before: Option<&str>,
        publication: &Publication,
    ) -> Result<(), StoreError> {
        let row = rows::row(issuer, publication);
        match before {
            None => table::insert::<Entity>(self.0, row).await?,
            Some(tag) => {
                let update = Entity::update_many().set(row.into_active_model().reset_all());
                let update =
                    update.filter(Column::Issuer.eq(issuer.as_str())).filter(Column::Tag.eq(tag));
                raced(update.exec(&self.0.transaction).await?.rows_affected)?;
            }
        }
        changes::announce(self.0).await
    }

    /// Removes the bundle with this tag.
    ///
    /// # Errors
    /// [`StoreError::Raced`] when something else was published in between.
    pub async fn remove(&self, issuer: &IssuerId, tag: &str) -> Result<(), StoreError> {
        let row = Entity::delete_many()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::Tag.eq(tag));
        raced(row.exec(&self.0.transaction).await?.rows_affected)?;
        changes::announce(self.0).await
    }
}

fn raced(written: u64) -> Result<(), StoreError> {
    if written == 0 { Err(StoreError::Raced) } else { Ok(()) }
}
