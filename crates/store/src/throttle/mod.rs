//! Failed attempts, counted across nodes by one statement each.

pub(crate) mod entity;

use fireward_oauth::{Digest, IssuerId, Lifetime, Timestamp};
use sea_orm::{
    ConnectionTrait as _, EntityTrait as _, ExprTrait as _,
    sea_query::{Expr, OnConflict, Query},
};

use self::entity::{Column, Entity};
use crate::{StoreError, Tx, accessors::Source, columns, table};

/// Failed attempts.
pub struct Throttle<'a, A>(pub(crate) &'a A);

/// What attempts are counted at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Signing in, by user name.
    Account,
    /// Signing in, by user name and from where it is tried.
    AccountFrom,
    /// Client authentication, by `client_id`.
    Client,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::AccountFrom => "account-from",
            Self::Client => "client",
        }
    }
}

impl<A: Source> Throttle<'_, A> {
    /// The failures in the window that `now` is in.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn failures(
        &self,
        issuer: &IssuerId,
        kind: Kind,
        key: &str,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let row = Entity::find_by_id((issuer.to_string(), kind.as_str().to_owned(), folded(key)));
        let row = table::only(row.all(self.0.connection()).await?);
        Ok(row.filter(|row| now.unix() < row.until).map_or(0, |row| within(row.count)))
    }
}

impl Throttle<'_, Tx> {
    /// Counts a failure, and says how many there were in its window, this one included. The first opens a window.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(
        &self,
        issuer: &IssuerId,
        (kind, key): (Kind, &str),
        now: Timestamp,
        window: Lifetime,
    ) -> Result<u32, StoreError> {
        let until = now.plus(window).unix();
        let over = || Expr::col((Entity, Column::Until)).lte(now.unix());
        let next = Expr::col((Entity, Column::Count)).add(1);
        let kept = Expr::col((Entity, Column::Until));
        let again = OnConflict::columns([Column::Issuer, Column::Kind, Column::Key])
            .value(Column::Count, Expr::case(over(), 1).finally(next))
            .value(Column::Until, Expr::case(over(), until).finally(kept))
            .to_owned();
        let columns = [Column::Issuer, Column::Kind, Column::Key, Column::Count, Column::Until];
        let mut insert = Query::insert();
        insert.into_table(Entity).columns(columns).on_conflict(again);
        insert.values_panic([
            issuer.as_str().into(),
            kind.as_str().into(),
            folded(key).into(),
            1_i64.into(),
            until.into(),
        ]);
        insert.returning(Query::returning().column(Column::Count));
        match self.0.transaction.query_one(&insert).await? {
            Some(row) => Ok(within(row.try_get("", "count")?)),
            None => Err(StoreError::Raced),
        }
    }

    /// Forgets the failures, after a success.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reset(&self, issuer: &IssuerId, kind: Kind, key: &str) -> Result<(), StoreError> {
        let key = (issuer.to_string(), kind.as_str().to_owned(), folded(key));
        Entity::delete_by_id(key).exec(&self.0.transaction).await?;
        Ok(())
    }
}

/// Names in any case are one, and never kept as they were typed.
fn folded(key: &str) -> Vec<u8> {
    columns::octets(&Digest::<Kind>::of(&key.to_lowercase()))
}

/// More than anybody counts to is as many.
fn within(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
