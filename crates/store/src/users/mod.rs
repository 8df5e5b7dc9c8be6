//! People who can sign in. Not cached: whoever is disabled is so at once.

pub(crate) mod entity;
pub(crate) mod rows;

use fireward_oauth::{
    IssuerId, Timestamp, UserId,
    grants::GrantEnd,
    people::{Links, User},
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::Expr,
};

use self::entity::{Column, Entity};
use crate::{StoreError, Tx, accessors::Source, table};

/// People who can sign in.
pub struct Users<'a, A>(pub(crate) &'a A);

impl<A: Source> Users<'_, A> {
    /// The user of that id.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn find(&self, issuer: &IssuerId, id: &UserId) -> Result<Option<User>, StoreError> {
        let row = Entity::find_by_id((issuer.to_string(), id.to_string()));
        table::only(row.all(self.0.connection()).await?).map(rows::user).transpose()
    }

    /// The user who signs in with that name, in whatever case it is written.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn find_by_username(
        &self,
        issuer: &IssuerId,
        username: &str,
    ) -> Result<Option<User>, StoreError> {
        let row = Entity::find()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::UsernameFolded.eq(rows::fold(username)));
        table::only(row.all(self.0.connection()).await?).map(rows::user).transpose()
    }

    /// At most `most` users by id, those after `after`.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn list(
        &self,
        issuer: &IssuerId,
        after: Option<&UserId>,
        most: u64,
    ) -> Result<Vec<User>, StoreError> {
        let after = after.map_or("", UserId::as_str);
        let page = Entity::find()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::Id.gt(after))
            .order_by_asc(Column::Id)
            .limit(most);
        page.all(self.0.connection()).await?.into_iter().map(rows::user).collect()
    }
}

impl Users<'_, Tx> {
    /// Adds a user, or overwrites them. Another's user name is [`StoreError::Raced`]: look before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save(&self, user: &User) -> Result<(), StoreError> {
        table::save::<Entity>(self.0, rows::row(user)).await
    }

    /// Writes the links of a user, and nothing else, if they are still as `before` has them; whether they were.
    ///
    /// # Errors
    /// [`StoreError::Raced`] when they change meanwhile; and when the database fails.
    pub async fn relink(&self, before: &User, links: &Links) -> Result<bool, StoreError> {
        let key = (before.issuer.to_string(), before.id.to_string());
        let found = Entity::find_by_id(key).all(&self.0.transaction).await?;
        let Some(now) = table::only(found) else { return Ok(false) };
        if rows::user(now.clone())?.links != before.links {
            return Ok(false);
        }
        let after = rows::row(&User { links: links.clone(), ..before.clone() });
        let same = |column: Column, kept: Option<String>| match kept {
            Some(kept) => column.eq(kept),
            None => column.is_null(),
        };
        let done = Entity::update_many()
            .col_expr(Column::Records, Expr::value(after.records))
            .col_expr(Column::Links, Expr::value(after.links))
            .filter(Column::Issuer.eq(now.issuer))
            .filter(Column::Id.eq(now.id))
            .filter(same(Column::FhirUser, now.fhir_user))
            .filter(same(Column::Records, now.records))
            .filter(same(Column::Links, now.links))
            .exec(&self.0.transaction)
            .await?;
        if done.rows_affected == 1 { Ok(true) } else { Err(StoreError::Raced) }
    }

    /// Removes a user, ends their grants and sessions and forgets their consents; whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove(
        &self,
        issuer: &IssuerId,
        id: &UserId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0.grants().end_all_for_user(issuer, id, GrantEnd::Withdrawn(now)).await?;
        self.0.sessions().end_all_for_user(issuer, id).await?;
        self.0.consents().remove_all(issuer, id).await?;
        let row = Entity::delete_by_id((issuer.to_string(), id.to_string()));
        Ok(row.exec(&self.0.transaction).await?.rows_affected > 0)
    }
}
