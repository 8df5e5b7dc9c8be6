//! From the outbox to where the trail is searched.

use std::collections::HashSet;

use fireward_fhir::audit::AUDIT_EVENT;
use sea_orm::sea_query::{Asterisk, DeleteStatement, Expr, ExprTrait, Func, Order, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use serde_json::Value;
use time::OffsetDateTime;

use super::outbox::TABLE;
use crate::error::RecordsError;
use crate::exports::newest;
use crate::records::Records;
use crate::seed::{BATCH, Seed, load};
use crate::sql::RESOURCE;
use crate::stored::{Stored, instant, millis};
use crate::transaction::transact;
use crate::write::{stamped, text};

/// An event that has yet to be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its place: events are delivered in the order of their numbers.
    pub number: i64,
    /// Its id, the same at every attempt.
    pub id: String,
    /// The `AuditEvent` as JSON text.
    pub body: String,
}

/// How far the deliveries are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// How many events wait.
    pub waiting: u64,
    /// When the oldest of them was recorded.
    pub oldest: Option<OffsetDateTime>,
    /// How many were delivered since there is a trail.
    pub delivered: u64,
    /// The id of the last one.
    pub last: Option<String>,
    /// How many attempts in a row have failed.
    pub failures: u64,
    /// Why the last one did.
    pub fault: Option<String>,
}

impl Records {
    /// Moves the oldest events into the records, where they are searched: both happens, or neither. Says how many.
    ///
    /// # Errors
    /// The database fails; the events still wait.
    pub async fn deliver_here(&self, now: OffsetDateTime) -> Result<usize, RecordsError> {
        transact(&self.database, async |tx| {
            let after = newest(tx).await?;
            let taken = take(tx, oldest(BATCH)).await?;
            let known = known(tx, &taken).await?;
            let dated =
                instant(after.saturating_add(1)).map_or(now, |earliest| Ord::max(now, earliest));
            let new = taken.iter().filter(|one| !known.contains(&one.id));
            let seeds = new.map(|one| seed(one, dated)).collect::<Result<Vec<_>, _>>()?;
            load(tx, &seeds.iter().collect::<Vec<_>>()).await?;
            delivered(tx, &taken, now).await?;
            Ok(taken.len())
        })
        .await
    }

    /// The oldest events, for whoever delivers them elsewhere.
    ///
    /// # Errors
    /// The database fails.
    pub async fn undelivered(&self, most: usize) -> Result<Vec<Waiting>, RecordsError> {
        let mut select = Query::select();
        select.columns(["number", "id", "body"]).from(TABLE).order_by("number", Order::Asc);
        select.limit(u64::try_from(most).unwrap_or(u64::MAX));
        let rows = self.database.query_all(&select).await?;
        Ok(rows.iter().map(waiting).collect::<Result<_, _>>()?)
    }

    /// Forgets events that were delivered.
    ///
    /// # Errors
    /// The database fails; the events are delivered once more, under the same ids.
    pub async fn were_delivered(
        &self,
        events: &[Waiting],
        now: OffsetDateTime,
    ) -> Result<(), RecordsError> {
        transact(&self.database, async |tx| {
            let numbers = events.iter().map(|one| one.number);
            let mut delete = Query::delete();
            delete.from_table(TABLE).and_where(Expr::col("number").is_in(numbers));
            let gone = take(tx, delete).await?;
            delivered(tx, &gone, now).await
        })
        .await
    }

    /// Writes down that a delivery has failed.
    ///
    /// # Errors
    /// The database fails.
    pub async fn were_not_delivered(&self, fault: &str) -> Result<(), RecordsError> {
        let mut update = Query::update();
        update.table(DELIVERY).value("failures", Expr::col("failures").add(1));
        self.database.execute(update.value("fault", fault)).await?;
        Ok(())
    }

    /// How far the deliveries are.
    ///
    /// # Errors
    /// The database fails.
    pub async fn backlog(&self) -> Result<Backlog, RecordsError> {
        let mut count = Query::select();
        count.from(TABLE).expr_as(Func::count(Expr::col(Asterisk)), "waiting");
        count.expr_as(Expr::col("recorded").min(), "oldest");
        let mut record = Query::select();
        record.columns(["delivered", "last_id", "failures", "fault"]).from(DELIVERY);
        let none = || DbErr::RecordNotFound(DELIVERY.to_owned());
        let counted = self.database.query_one(&count).await?.ok_or_else(none)?;
        let record = self.database.query_one(&record).await?.ok_or_else(none)?;
        let number = |n: i64| u64::try_from(n).unwrap_or_default();
        let oldest: Option<i64> = counted.try_get("", "oldest")?;
        Ok(Backlog {
            waiting: number(counted.try_get("", "waiting")?),
            oldest: oldest.and_then(instant),
            delivered: number(record.try_get("", "delivered")?),
            last: record.try_get("", "last_id")?,
            failures: number(record.try_get("", "failures")?),
            fault: record.try_get("", "fault")?,
        })
    }
}

/// The removal of so many of the oldest.
fn oldest(most: usize) -> DeleteStatement {
    let mut numbers = Query::select();
    numbers.column("number").from(TABLE).order_by("number", Order::Asc);
    numbers.limit(u64::try_from(most).unwrap_or(u64::MAX));
    let mut delete = Query::delete();
    delete.from_table(TABLE).and_where(Expr::col("number").in_subquery(numbers));
    delete
}

/// Removes events, and gives those that were still there, in order. Of two that remove the same, one gets them.
async fn take(
    tx: &DatabaseTransaction,
    mut delete: DeleteStatement,
) -> Result<Vec<Waiting>, RecordsError> {
    delete.returning(Query::returning().columns(["number", "id", "body"]));
    let rows = tx.query_all(&delete).await?;
    let mut taken = rows.iter().map(waiting).collect::<Result<Vec<_>, _>>()?;
    taken.sort_by_key(|one| one.number);
    Ok(taken)
}

fn waiting(row: &sea_orm::QueryResult) -> Result<Waiting, DbErr> {
    Ok(Waiting {
        number: row.try_get("", "number")?,
        id: row.try_get("", "id")?,
        body: row.try_get("", "body")?,
    })
}

/// The ids that the records have already.
async fn known(
    tx: &DatabaseTransaction,
    events: &[Waiting],
) -> Result<HashSet<String>, RecordsError> {
    if events.is_empty() {
        return Ok(HashSet::new());
    }
    let mut select = Query::select();
    select.column("id").from(RESOURCE).and_where(Expr::col("type").eq(AUDIT_EVENT));
    select.and_where(Expr::col("id").is_in(events.iter().map(|one| one.id.as_str())));
    let rows = tx.query_all(&select).await?;
    Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?)
}

/// The event as the first and only version of a resource.
fn seed(event: &Waiting, now: OffsetDateTime) -> Result<Seed, RecordsError> {
    let corrupt = |error: serde_json::Error| RecordsError::Corrupt {
        table: TABLE,
        row: event.number,
        fault: error.to_string(),
    };
    let resource: Value = serde_json::from_str(&event.body).map_err(corrupt)?;
    let next = Stored {
        kind: AUDIT_EVENT.to_owned(),
        id: event.id.clone(),
        version: 1,
        last_updated: now,
        body: String::new(),
        deleted: false,
    };
    let resource = stamped(resource, &next);
    let (last_updated, body) = (millis(now), text(&resource));
    Ok(Seed { kind: next.kind, id: next.id, last_updated, body, resource })
}

/// Writes down what was delivered.
async fn delivered(
    tx: &DatabaseTransaction,
    events: &[Waiting],
    now: OffsetDateTime,
) -> Result<(), RecordsError> {
    let Some(last) = events.last() else { return Ok(()) };
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let mut update = Query::update();
    update.table(DELIVERY).value("delivered", Expr::col("delivered").add(count));
    update.value("last_id", last.id.as_str()).value("last_at", millis(now));
    update.value("failures", 0).value("fault", Option::<String>::None);
    tx.execute(&update).await?;
    Ok(())
}

const DELIVERY: &str = "fhir_audit_delivery";
