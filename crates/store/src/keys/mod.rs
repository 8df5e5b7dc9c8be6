//! Signing keys. They are cached: every change is announced with its commit.

pub(crate) mod entity;
mod rows;

use fireward_keys::{KeyRecord, Step};
use fireward_oauth::IssuerId;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, sea_query::Expr,
};

use self::entity::{Column, Entity};
use crate::{StoreError, Tx, accessors::Source, changes, table};

/// Signing keys.
pub struct Keys<'a, A>(pub(crate) &'a A);

impl<A: Source> Keys<'_, A> {
    /// Every key of the issuer, in the order in which they sign.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn all(&self, issuer: &IssuerId) -> Result<Vec<KeyRecord>, StoreError> {
        let of_issuer = Entity::find().filter(Column::Issuer.eq(issuer.as_str()));
        let ordered = of_issuer.order_by_asc(Column::SignsFrom).order_by_asc(Column::Kid);
        ordered.all(self.0.connection()).await?.into_iter().map(rows::key).collect()
    }
}

impl Keys<'_, Tx> {
    /// Stores the key that a [`Step::Create`] asked for; false if another node was first and made the successor.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add(&self, issuer: &IssuerId, key: &KeyRecord) -> Result<bool, StoreError> {
        // The gate is the unique index on issuer, algorithm and predecessor: it elects the maker.
        let added = table::insert_new::<Entity>(self.0, rows::row(issuer, key)).await?;
        if added {
            changes::announce(self.0).await?;
        }
        Ok(added)
    }

    /// Carries out a step but [`Step::Create`], which needs a key to be made first; whether it changed anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn apply(&self, issuer: &IssuerId, step: &Step) -> Result<bool, StoreError> {
        let update = |kid: &str| {
            Entity::update_many()
                .filter(Column::Issuer.eq(issuer.as_str()))
                .filter(Column::Kid.eq(kid))
                .filter(Column::RevokedAt.is_null())
        };
        let on = &self.0.transaction;
        let rows = match step {
            Step::Create { .. } => 0,
            Step::Promote { kid, signs_from } => {
                let earlier = update(kid).filter(Column::SignsFrom.gt(*signs_from));
                let promoted = earlier.col_expr(Column::SignsFrom, Expr::value(*signs_from));
                promoted.exec(on).await?.rows_affected
            }
            Step::Revoke { kid, at } => {
                update(kid)
                    .col_expr(Column::RevokedAt, Expr::value(*at))
                    .exec(on)
                    .await?
                    .rows_affected
            }
            Step::Remove { kid } => {
                let row = Entity::delete_by_id((issuer.to_string(), kid.clone()));
                row.exec(on).await?.rows_affected
            }
        };
        if rows > 0 {
            changes::announce(self.0).await?;
        }
        Ok(rows > 0)
    }
}
