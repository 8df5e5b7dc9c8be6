//! Access tokens that were revoked one by one, before they expired (RFC 7009). Ending a grant needs none of this.

pub(crate) mod entity;

use fireward_oauth::{IssuerId, Jti, Timestamp};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, Select};

use self::entity::{Column, Entity, Model};
use crate::{StoreError, Tx, accessors::Source, columns::Row, table};

/// Access tokens that were revoked one by one.
pub struct RevokedTokens<'a, A>(pub(crate) &'a A);

pub(crate) fn row(issuer: &IssuerId, jti: &Jti) -> Select<Entity> {
    Entity::find_by_id((issuer.to_string(), jti.to_string()))
}

impl<A: Source> RevokedTokens<'_, A> {
    /// Whether that token was revoked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn contains(&self, issuer: &IssuerId, jti: &Jti) -> Result<bool, StoreError> {
        Ok(table::only(row(issuer, jti).all(self.0.connection()).await?).is_some())
    }

    /// The revoked tokens that have not expired yet, for resource servers to fetch.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn list(
        &self,
        issuer: &IssuerId,
        now: Timestamp,
    ) -> Result<Vec<(Jti, Timestamp)>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::Until.gte(now.unix()))
            .order_by_asc(Column::Until);
        let read = |Model { jti, until, .. }: Model| {
            let at = Row::of("revoked_tokens", &jti);
            Ok((at.is("jti", Jti::parse(&jti))?, Timestamp::from_unix(until)))
        };
        rows.all(self.0.connection()).await?.into_iter().map(read).collect()
    }
}

impl RevokedTokens<'_, Tx> {
    /// Revokes a token that expires at `until`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add(
        &self,
        issuer: &IssuerId,
        jti: &Jti,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let row = Model { issuer: issuer.to_string(), jti: jti.to_string(), until: until.unix() };
        table::insert_new::<Entity>(self.0, row).await?;
        Ok(())
    }
}
