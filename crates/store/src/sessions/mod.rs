//! Signed-in browsers.

pub(crate) mod entity;
mod rows;

use fireward_oauth::{
    Digest, IssuerId, Lifetime, SessionToken, Timestamp, UserId,
    people::{Session, User},
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, sea_query::Expr,
};

use self::entity::{Column, Entity};
use crate::{StoreError, Tx, accessors::Source, columns, table, users};

/// Signed-in browsers.
pub struct Sessions<'a, A>(pub(crate) &'a A);

impl<A: Source> Sessions<'_, A> {
    /// The session that a cookie names, whether or not it is still live.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn find(
        &self,
        issuer: &IssuerId,
        digest: &Digest<SessionToken>,
    ) -> Result<Option<Session>, StoreError> {
        let row = Entity::find_by_id((issuer.to_string(), columns::octets(digest)));
        table::only(row.all(self.0.connection()).await?).map(rows::session).transpose()
    }

    /// The session that a cookie names, whether or not it is still live, and whose it is.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn find_with_user(
        &self,
        issuer: &IssuerId,
        digest: &Digest<SessionToken>,
    ) -> Result<Option<(Session, User)>, StoreError> {
        let row = Entity::find_by_id((issuer.to_string(), columns::octets(digest)))
            .find_also_related(users::entity::Entity);
        match table::only(row.all(self.0.connection()).await?) {
            Some((session, Some(user))) => {
                Ok(Some((rows::session(session)?, users::rows::user(user)?)))
            }
            Some((_, None)) | None => Ok(None),
        }
    }

    /// The sessions of a person that have not expired, the one last seen first: their devices.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn list_for_user(
        &self,
        issuer: &IssuerId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::UserId.eq(user.as_str()))
            .filter(Column::ExpiresAt.gt(now.unix()))
            .order_by_desc(Column::LastSeen);
        rows.all(self.0.connection()).await?.into_iter().map(rows::session).collect()
    }
}

impl Sessions<'_, Tx> {
    /// Keeps a new session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert(&self, session: &Session) -> Result<(), StoreError> {
        table::insert::<Entity>(self.0, rows::row(session)).await
    }

    /// Remembers that the browser was seen, to the minute: most calls write nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch(&self, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        if !is_due(session, now) {
            return Ok(());
        }
        let one = Entity::update_many()
            .filter(Column::Issuer.eq(session.issuer.as_str()))
            .filter(Column::Digest.eq(columns::octets(&session.digest)))
            .col_expr(Column::LastSeen, Expr::value(now.unix()));
        one.exec(&self.0.transaction).await?;
        Ok(())
    }

    /// Puts a session with a new cookie in the place of one; what was granted within the old goes on with the new.
    ///
    /// # Errors
    /// [`StoreError::Raced`] when the old one is gone; and when the database fails.
    pub async fn rotate(
        &self,
        old: &Digest<SessionToken>,
        new: &Session,
    ) -> Result<(), StoreError> {
        if !self.end(&new.issuer, old).await? {
            return Err(StoreError::Raced);
        }
        self.insert(new).await?;
        self.0.grants().follow(&new.issuer, old, &new.digest).await
    }

    /// Ends a session; whether there was one. What was granted within it is the caller's to end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(
        &self,
        issuer: &IssuerId,
        digest: &Digest<SessionToken>,
    ) -> Result<bool, StoreError> {
        let row = Entity::delete_by_id((issuer.to_string(), columns::octets(digest)));
        Ok(row.exec(&self.0.transaction).await?.rows_affected > 0)
    }

    /// Ends every session of a person; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_all_for_user(
        &self,
        issuer: &IssuerId,
        user: &UserId,
    ) -> Result<u64, StoreError> {
        let theirs = Entity::delete_many()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::UserId.eq(user.as_str()));
        Ok(theirs.exec(&self.0.transaction).await?.rows_affected)
    }
}

/// Whether it is a minute or more since the browser was last seen: without this, a transaction need not begin.
#[must_use]
pub fn is_due(session: &Session, now: Timestamp) -> bool {
    now.since(session.last_seen) >= Lifetime::minutes(1)
}
