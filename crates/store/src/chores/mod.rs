//! Periodic work: who does it when, above all the sweeping of every table that has an expiry.
//!
//! Each chore is idempotent, so it does not matter that a node which took one may die before it is done: the next
//! turn does it.

pub(crate) mod entity;
mod sweep;

use fireward_oauth::{Lifetime, Timestamp};
use sea_orm::{
    ConnectionTrait as _, ExprTrait as _,
    sea_query::{Expr, OnConflict, Query},
};

use self::entity::{Column, Entity};
use crate::{Store, StoreError, Tx};

/// Leases of periodic work.
pub struct Chores<'a, A>(pub(crate) &'a A);

/// What the store does from time to time: most sweep a table of the rows that are of no use any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Chore {
    /// Authorizations that expired, were answered, or whose code is forgotten.
    Authorizations,
    /// Grants that ended long ago, with their refresh families.
    Grants,
    /// Sessions that expired.
    Sessions,
    /// Consents that count no more.
    Consents,
    /// Launches that expired.
    Launches,
    /// Explanations that expired.
    Explanations,
    /// `jti` whose assertions have expired.
    Assertions,
    /// Windows of failures that are over.
    Failures,
    /// Opaque access tokens that have expired.
    OpaqueTokens,
    /// Revoked tokens that have expired.
    RevokedTokens,
    /// Audit entries of nodes that died before they had linked them.
    AuditChains,
}

impl Chore {
    /// Every chore.
    pub const VARIANTS: [Self; 11] = [
        Self::Authorizations,
        Self::Grants,
        Self::Sessions,
        Self::Consents,
        Self::Launches,
        Self::Explanations,
        Self::Assertions,
        Self::Failures,
        Self::OpaqueTokens,
        Self::RevokedTokens,
        Self::AuditChains,
    ];

    /// The name of its lease.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorizations => "sweep authorizations",
            Self::Grants => "sweep grants",
            Self::Sessions => "sweep sessions",
            Self::Consents => "sweep record consents",
            Self::Launches => "sweep launches",
            Self::Explanations => "sweep explanations",
            Self::Assertions => "sweep assertions",
            Self::Failures => "sweep failures",
            Self::OpaqueTokens => "sweep opaque tokens",
            Self::RevokedTokens => "sweep revoked tokens",
            Self::AuditChains => "link audit chains",
        }
    }

    /// How often it is due.
    #[must_use]
    pub const fn every(self) -> Lifetime {
        match self {
            Self::Authorizations
            | Self::Launches
            | Self::Assertions
            | Self::Failures
            | Self::AuditChains => Lifetime::minutes(1),
            Self::Sessions | Self::Explanations | Self::OpaqueTokens | Self::RevokedTokens => {
                Lifetime::minutes(5)
            }
            Self::Grants | Self::Consents => Lifetime::hours(1),
        }
    }
}

impl Chores<'_, Tx> {
    /// Takes a chore if it is due, so that no other node does; it is due again after `every`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(
        &self,
        name: &str,
        now: Timestamp,
        every: Lifetime,
    ) -> Result<bool, StoreError> {
        let (due_at, node) = (now.plus(every).unix(), self.0.shared.node.as_str());
        // The gate: of nodes that all find it due, one moves `due_at` on.
        let due = Expr::col((Entity, Column::DueAt)).lte(now.unix());
        let again = OnConflict::column(Column::Name)
            .update_columns([Column::DueAt, Column::TakenBy])
            .action_and_where(due)
            .to_owned();
        let mut insert = Query::insert();
        insert.into_table(Entity).columns([Column::Name, Column::DueAt, Column::TakenBy]);
        insert.values_panic([name.into(), due_at.into(), node.into()]).on_conflict(again);
        Ok(self.0.transaction.execute(&insert).await?.rows_affected() > 0)
    }
}

impl Store {
    /// Does the chores that are due, and says how many rows were swept or linked. To be called every few seconds, on every node.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_due(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut swept = 0;
        for chore in Chore::VARIANTS {
            let take = async |tx: &Tx| tx.chores().take(chore.as_str(), now, chore.every()).await;
            if self.transact(take).await? {
                swept += self.carry_out(chore, now).await?;
            }
        }
        Ok(swept)
    }

    /// Does one chore, whether or not it is due, and says how many rows were swept or linked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn carry_out(&self, chore: Chore, now: Timestamp) -> Result<u64, StoreError> {
        match sweep::target(chore) {
            Some(target) => sweep::sweep(self, &target, now).await,
            None => self.link_left_behind(now).await,
        }
    }
}
