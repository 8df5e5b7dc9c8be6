//! How far the chains were delivered elsewhere. A chain is in order and has no gaps, so one number says all.

use std::fmt::Write as _;

use fireward_oauth::{Timestamp, audit::Event};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, OnConflict, Query},
};

use super::{
    Audit,
    chain::{Link, linked},
    entity::{Column, Entity},
    rows, verify,
};
use crate::{StoreError, Tx, accessors::Source};

/// An entry that has yet to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// Its digest in hexadecimal, which depends on every entry before it: the same at every attempt, and another's never.
    pub id: String,
    /// Its place in the chain.
    pub seq: i64,
    /// What happened.
    pub event: Event,
}

impl<A: Source> Audit<'_, A> {
    /// The next entries of a chain to be delivered, in order.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn undelivered(
        &self,
        chain: &str,
        most: u64,
    ) -> Result<Vec<Undelivered>, StoreError> {
        let on = self.0.connection();
        let done = delivered(on, chain).await?;
        let next = linked(chain).filter(Column::Seq.gt(done)).order_by_asc(Column::Seq);
        let next = next.limit(most).all(on).await?;
        let one = |entry| {
            let link = Link::after(&entry);
            let id = link.digest.iter().fold(String::new(), |mut id, octet| {
                // Writing to a string cannot fail.
                let _ = write!(id, "{octet:02x}");
                id
            });
            Ok(Undelivered {
                id,
                seq: link.seq.saturating_sub(1),
                event: rows::entry(entry)?.event,
            })
        };
        next.into_iter().map(one).collect()
    }

    /// How many entries of all chains have yet to be delivered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn undelivered_count(&self) -> Result<u64, StoreError> {
        let on = self.0.connection();
        let mut count = 0;
        for chain in verify::names(on).await? {
            let newest = Entity::find().select_only().column_as(Column::Seq.max(), "seq");
            let newest =
                newest.filter(Column::Node.eq(chain.as_str())).into_tuple().all(on).await?;
            let newest: Option<Option<i64>> = newest.into_iter().next();
            let behind = newest.flatten().unwrap_or_default() - delivered(on, &chain).await?;
            count += u64::try_from(behind).unwrap_or_default();
        }
        Ok(count)
    }
}

impl Audit<'_, Tx> {
    /// Writes down that a chain was delivered as far as this place; never takes it back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delivered(&self, chain: &str, seq: i64, now: Timestamp) -> Result<(), StoreError> {
        let mut insert = Query::insert();
        insert.into_table(TABLE).columns(["node", "seq", "at", "failures", "fault"]);
        insert.values_panic([
            chain.into(),
            seq.into(),
            now.unix().into(),
            0_i64.into(),
            Option::<String>::None.into(),
        ]);
        let farther = OnConflict::column("node")
            .update_columns(["seq", "at", "failures", "fault"])
            .action_and_where(Expr::col((TABLE, "seq")).lte(seq))
            .to_owned();
        self.0.transaction.execute(insert.on_conflict(farther)).await?;
        Ok(())
    }

    /// Writes down that a delivery has failed, and why.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn not_delivered(
        &self,
        chain: &str,
        fault: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut insert = Query::insert();
        insert.into_table(TABLE).columns(["node", "seq", "at", "failures", "fault"]);
        insert.values_panic([
            chain.into(),
            0_i64.into(),
            now.unix().into(),
            1_i64.into(),
            fault.into(),
        ]);
        let again = OnConflict::column("node")
            .update_column("fault")
            .value("failures", Expr::col((TABLE, "failures")).add(1))
            .to_owned();
        self.0.transaction.execute(insert.on_conflict(again)).await?;
        Ok(())
    }
}

/// The place of the last entry of a chain that was delivered; 0 before the first.
async fn delivered(on: &impl ConnectionTrait, chain: &str) -> Result<i64, StoreError> {
    let mut select = Query::select();
    select.column("seq").from(TABLE).and_where(Expr::col("node").eq(chain));
    let rows = on.query_all(&select).await?;
    let seq = rows.first().map(|row| row.try_get("", "seq")).transpose()?;
    Ok(seq.unwrap_or_default())
}

const TABLE: &str = "audit_deliveries";
