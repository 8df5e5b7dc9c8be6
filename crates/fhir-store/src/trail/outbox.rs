//! Writing events down: those that wait at the same moment in one commit.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::oneshot;

use crate::error::RecordsError;
use crate::records::Records;
use crate::stored::millis;
use crate::transaction::transact;

pub(super) const TABLE: &str = "fhir_audit_outbox";

/// Events that wait for the next commit. Whoever finds the turn free writes for all who wait.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: Mutex<Vec<Entry>>,
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Entry {
    rows: Vec<Row>,
    done: oneshot::Sender<Result<(), DbErr>>,
}

/// An event as a row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    id: String,
    recorded: i64,
    body: String,
}

/// The rows of events; each event has an id.
pub(super) fn rows(at: OffsetDateTime, events: &[Value]) -> Vec<Row> {
    let row = |event: &Value| Row {
        id: event.get("id").and_then(Value::as_str).unwrap_or_default().to_owned(),
        recorded: millis(at),
        body: event.to_string(),
    };
    events.iter().map(row).collect()
}

/// Writes rows in the transaction of what they are about.
pub(super) async fn insert(tx: &DatabaseTransaction, rows: &[Row]) -> Result<(), RecordsError> {
    for some in rows.chunks(TOGETHER) {
        let mut insert = Query::insert();
        insert.into_table(TABLE).columns(["id", "recorded", "body"]);
        for Row { id, recorded, body } in some {
            insert.values_panic([id.as_str().into(), (*recorded).into(), body.as_str().into()]);
        }
        // Of a request that tried again, since whoever wrote for it went away: its events may be there by now.
        insert.on_conflict(OnConflict::column("id").do_nothing().to_owned());
        tx.execute(&insert).await?;
    }
    Ok(())
}

impl Records {
    /// Writes events down that no write is about; once this answers, no crash loses them. Nothing may be shown of what
    /// they are about before.
    ///
    /// # Errors
    /// The database fails, or more wait than it can write: then nothing is shown.
    pub async fn note(&self, at: OffsetDateTime, events: &[Value]) -> Result<(), RecordsError> {
        if events.is_empty() {
            return Ok(());
        }
        let rows = rows(at, events);
        for _ in 0..ATTEMPTS {
            let heard = self.outbox.enter(rows.clone())?;
            if let Some(written) = self.wait(heard).await {
                return Ok(written?);
            }
        }
        Err(RecordsError::Db(DbErr::Custom("events were never written".into())))
    }

    /// Waits for the turn, and writes for all unless somebody else has. None where whoever wrote went away.
    async fn wait(
        &self,
        mut heard: oneshot::Receiver<Result<(), DbErr>>,
    ) -> Option<Result<(), DbErr>> {
        let _turn = self.outbox.turn.lock().await;
        match heard.try_recv() {
            Ok(written) => return Some(written),
            Err(oneshot::error::TryRecvError::Closed) => return None,
            Err(oneshot::error::TryRecvError::Empty) => {}
        }
        let entries = std::mem::take(&mut *self.outbox.entries());
        let rows: Vec<Row> = entries.iter().flat_map(|entry| entry.rows.iter().cloned()).collect();
        let written = transact(&self.database, async |tx| insert(tx, &rows).await).await;
        let written = written.map_err(|error| {
            if let RecordsError::Db(error) = error {
                error
            } else {
                DbErr::Custom(error.to_string())
            }
        });
        for entry in entries {
            // Whoever does not wait any more has shown nothing.
            drop(entry.done.send(written.clone()));
        }
        heard.try_recv().ok()
    }
}

impl Outbox {
    fn enter(&self, rows: Vec<Row>) -> Result<oneshot::Receiver<Result<(), DbErr>>, RecordsError> {
        let mut entries = self.entries();
        if entries.len() >= MOST {
            return Err(RecordsError::Db(DbErr::Custom("too many events wait".into())));
        }
        let (done, heard) = oneshot::channel();
        entries.push(Entry { rows, done });
        Ok(heard)
    }

    /// What is in there is whole at every step, whoever may have panicked with it.
    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many requests may wait for one commit.
const MOST: usize = 4_096;

/// How many rows one statement writes.
const TOGETHER: usize = 256;

/// How often a request tries whose writer went away.
const ATTEMPTS: u32 = 5;
