//! The moment that an export is of.
//!
//! A write is dated when its request arrives, and visible when it is committed. One that is dated before an export's
//! moment and committed after the export has looked would be missed, by this export and by the next, which asks for
//! what has changed since. So the moment is taken when no write is under way, and every later write is dated after it.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::error::RecordsError;

/// The moment of the newest export. Until the transaction ends, no export takes another: to be asked by every write
/// before it does anything else.
pub(crate) async fn newest(tx: &DatabaseTransaction) -> Result<i64, RecordsError> {
    let mut select = Query::select();
    // SQLite lets one write at a time anyway.
    select.column("taken_at").from(TABLE).and_where(Expr::col("id").eq(1)).lock_shared();
    let row = tx.query_one(&select).await?;
    Ok(row.map(|row| row.try_get("", "taken_at")).transpose()?.unwrap_or_default())
}

/// Takes the moment of a new export: now, or that of the newest one where its node's clock was ahead.
pub(super) async fn take(tx: &DatabaseTransaction, now: i64) -> Result<i64, RecordsError> {
    let mut update = Query::update();
    update.table(TABLE).and_where(Expr::col("id").eq(1));
    // First of all a write: it waits for the writes that are under way, and makes later ones wait.
    update.value("taken_at", Expr::col("taken_at"));
    tx.execute(&update).await?;
    let taken_at = std::cmp::max(newest(tx).await?, now);
    let mut update = Query::update();
    update.table(TABLE).and_where(Expr::col("id").eq(1)).value("taken_at", taken_at);
    tx.execute(&update).await?;
    Ok(taken_at)
}

const TABLE: &str = "fhir_snapshot";
