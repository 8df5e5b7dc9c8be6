//! Renewing the search index: a database that an earlier version has filled lacks rows by which this one searches.
//!
//! It happens beside everything else, a few resources at a time. Until it is through, searches by what is new in the index
//! find only what is renewed or was written since.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Order, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr};
use serde_json::Value;

use crate::error::RecordsError;
use crate::index::{self, Rows};
use crate::records::Records;
use crate::rows::rows_of;
use crate::sql::RESOURCE;
use crate::transaction::transact;

/// The version of the index: to be raised whenever `rows_of` makes other rows of the same resources.
const VERSION: i64 = 1;

impl Records {
    /// Renews the index rows of some more resources that an earlier version has written, and says of how many. Nought:
    /// all are as this version writes them. To be called until then; several nodes may.
    ///
    /// # Errors
    /// `Corrupt` where a stored resource cannot be read, or `Db`; what was renewed before stays so.
    pub async fn renew_index(&self) -> Result<usize, RecordsError> {
        transact(&self.database, renew_some).await
    }
}

/// Notes that a database without resources is of this version, and one with some of none.
pub(crate) async fn mark(database: &DatabaseConnection) -> Result<(), DbErr> {
    let mut marked = Query::select();
    marked.column("version").from(TABLE).and_where(Expr::col("id").eq(1));
    if database.query_one(&marked).await?.is_some() {
        return Ok(());
    }
    let mut any = Query::select();
    any.column("number").from(RESOURCE).limit(1);
    let version = if database.query_one(&any).await?.is_some() { 0 } else { VERSION };
    let mut insert = Query::insert();
    insert.into_table(TABLE).columns(["id", "version", "renewed"]);
    insert.values_panic([1.into(), version.into(), 0.into()]);
    insert.on_conflict(OnConflict::column("id").do_nothing().to_owned());
    database.execute(&insert).await.map(drop)
}

async fn renew_some(tx: &DatabaseTransaction) -> Result<usize, RecordsError> {
    let mut mark = Query::select();
    mark.columns(["version", "renewed"]).from(TABLE).and_where(Expr::col("id").eq(1));
    // One node after the other; SQLite lets one write at a time anyway.
    let Some(mark) = tx.query_one(mark.lock_exclusive()).await? else { return Ok(0) };
    if mark.try_get::<i64>("", "version")? >= VERSION {
        return Ok(0);
    }
    let renewed: i64 = mark.try_get("", "renewed")?;
    let mut next = Query::select();
    next.columns(["number", "type", "body"])
        .from(RESOURCE)
        .and_where(Expr::col("deleted").eq(false));
    next.and_where(Expr::col("number").gt(renewed)).order_by("number", Order::Asc);
    // Whoever writes one of them meanwhile waits, and then replaces the renewed rows by newer ones.
    let next = tx.query_all(next.limit(TOGETHER).lock_exclusive()).await?;
    let mut last = renewed;
    for row in &next {
        last = row.try_get("", "number")?;
        let (kind, body): (String, String) = (row.try_get("", "type")?, row.try_get("", "body")?);
        renew(tx, last, (&kind, &body)).await?;
    }
    let (version, renewed) = if next.is_empty() { (VERSION, 0) } else { (0, last) };
    if next.is_empty() {
        index::analyze(tx).await?;
    }
    let mut update = Query::update();
    update.table(TABLE).value("version", version).value("renewed", renewed);
    tx.execute(update.and_where(Expr::col("id").eq(1))).await?;
    Ok(next.len())
}

async fn renew(
    tx: &DatabaseTransaction,
    resource: i64,
    (kind, body): (&str, &str),
) -> Result<(), RecordsError> {
    let parsed: Value = serde_json::from_str(body).map_err(|error| RecordsError::Corrupt {
        table: RESOURCE,
        row: resource,
        fault: error.to_string(),
    })?;
    index::remove(tx, resource).await?;
    let values = rows_of(&parsed);
    Ok(index::insert(tx, &[Rows { resource, kind, values }]).await?)
}

/// How many resources are renewed in one transaction: other writers wait for it.
const TOGETHER: u64 = 64;

const TABLE: &str = "fhir_indexing";
