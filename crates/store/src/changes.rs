//! The one row that every change of cached tables counts up.

use sea_orm::{
    ConnectionTrait, ExprTrait as _,
    sea_query::{Expr, Query},
};

use crate::{StoreError, Tx};

/// The counter as it is now.
pub(crate) async fn counter(readers: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let mut select = Query::select();
    select.column("counter").from("changes").and_where(Expr::col("id").eq(1));
    let row = readers.query_one(&select).await?;
    match row {
        Some(row) => Ok(row.try_get("", "counter")?),
        None => {
            Err(StoreError::Corrupt { table: "changes", row: "1".to_owned(), column: "counter" })
        }
    }
}

/// Tells every node, with the commit, that something it may have cached has changed.
pub(crate) async fn announce(tx: &Tx) -> Result<(), StoreError> {
    let mut update = Query::update();
    update.table("changes").value("counter", Expr::col("counter").add(1));
    update.and_where(Expr::col("id").eq(1));
    tx.transaction.execute(&update).await?;
    tx.mark_changed();
    Ok(())
}
