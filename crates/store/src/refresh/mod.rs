//! Families of refresh tokens: one row each, however often it rotates. The hot path: one look, one conditional write.

pub(crate) mod entity;
mod rows;

use fireward_oauth::{
    Digest, IssuerId,
    grants::refresh_token::{Found, RefreshFamily},
    vocabulary::Family,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr};

use self::entity::{Column, Entity};
use crate::{StoreError, Tx, accessors::Source, columns, grants, sessions::Sessions, table, users};

/// Families of refresh tokens.
pub struct Refresh<'a, A>(pub(crate) &'a A);

impl<A: Source> Refresh<'_, A> {
    /// The family that a token names, with its grant, whose it is, and the session it ends with.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn find(
        &self,
        issuer: &IssuerId,
        name: &Digest<Family>,
    ) -> Result<Option<Found>, StoreError> {
        let found = Entity::find_by_id((issuer.to_string(), columns::octets(name)))
            .find_also_related(grants::entity::Entity)
            .and_also_related(users::entity::Entity);
        let found = table::only(found.all(self.0.connection()).await?);
        let found = found.map(|(family, grant, user)| rows::found(family, grant, user));
        let Some(mut found) = found.transpose()? else { return Ok(None) };
        if let Some(digest) = &found.grant.session {
            found.session = Sessions(self.0).find(issuer, digest).await?;
        }
        Ok(Some(found))
    }
}

impl Refresh<'_, Tx> {
    /// Keeps a new family. Its grant must be there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self, family: &RefreshFamily) -> Result<(), StoreError> {
        table::insert::<Entity>(self.0, rows::row(family)).await
    }

    /// Moves a family on by one generation, to what `family` says.
    ///
    /// # Errors
    /// [`StoreError::Raced`] when another request has moved it on; and when the database fails.
    pub async fn move_on(&self, family: &RefreshFamily) -> Result<(), StoreError> {
        let row = rows::row(family);
        // The gate: of requests that all found the same generation, one moves on; the others find its successor.
        let moved = Entity::update_many()
            .filter(Column::Issuer.eq(row.issuer))
            .filter(Column::Name.eq(row.name))
            .filter(Column::Generation.eq(row.generation - 1))
            .col_expr(Column::Generation, Expr::value(row.generation))
            .col_expr(Column::Current, Expr::value(row.current))
            .col_expr(Column::Previous, Expr::value(row.previous))
            .col_expr(Column::SealedSuccessor, Expr::value(row.sealed_successor))
            .col_expr(Column::ReplacedAt, Expr::value(row.replaced_at));
        match moved.exec(&self.0.transaction).await?.rows_affected {
            0 => Err(StoreError::Raced),
            _ => Ok(()),
        }
    }
}
