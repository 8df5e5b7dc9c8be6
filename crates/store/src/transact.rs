//! The one runner of transactions, and on SQLite the group commit (one `fsync` for many requests).
//!
//! SQLite has one writer, and a durable commit costs it milliseconds. So a task owns the writing connection and
//! lends it out: to one body, then to the next that waits, each within a savepoint of its own, and commits when
//! nobody waits or enough have written. A body runs in its caller's task, not in the owner's, so it may borrow what
//! it likes; it only borrows the transaction, and hands it back with "keep" or "undo". Its answer leaves after the
//! commit. A body that fails, or whose caller goes away, is undone to its savepoint and spoils nobody else's.
//!
//! PostgreSQL commits in groups by itself: there a body has a transaction to itself, `READ COMMITTED`, and
//! conditional writes settle the races.

use std::sync::Arc;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use crate::{StoreError, Tx, shared::Shared};

/// Where write transactions run.
pub(crate) enum Writer {
    /// SQLite: the queue of those who wait for the connection.
    Queue(mpsc::Sender<Ask>),
    /// PostgreSQL: a pool.
    Pool(DatabaseConnection),
}

/// Somebody who waits for the connection.
pub(crate) type Ask = oneshot::Sender<Result<Loan, DbErr>>;

/// A transaction, or a savepoint of one, on loan.
///
/// INVARIANT: the transaction is dropped before `back`. Dropping it queues the undoing of what was written; dropping
/// `back` tells the owner to go on, which must come after that in the connection's queue.
pub(crate) struct Loan {
    transaction: DatabaseTransaction,
    back: Back,
}

/// The way back to the owner: with whom to tell of the commit, or with nobody if it is to be undone.
type Back = oneshot::Sender<(DatabaseTransaction, Option<Committed>)>;

type Committed = oneshot::Sender<Result<(), DbErr>>;

/// Starts the owner of SQLite's writing connection; it ends when the queue is dropped.
pub(crate) fn queue(writers: DatabaseConnection) -> Writer {
    let (queue, asks) = mpsc::channel(WAITING);
    tokio::spawn(own(writers, asks));
    Writer::Queue(queue)
}

/// Runs `work` once.
pub(crate) async fn attempt<T>(
    writer: &Writer,
    shared: &Arc<Shared>,
    work: &impl AsyncFn(&Tx) -> Result<T, StoreError>,
) -> Result<(T, bool), StoreError> {
    match writer {
        Writer::Queue(queue) => in_turn(queue, shared, work).await,
        Writer::Pool(pool) => alone(pool, shared, work).await,
    }
}

/// How a write transaction begins. IMMEDIATE: a SQLite reader that turns writer may find that it cannot, and
/// answer "database is locked". PostgreSQL has no such mode.
pub(crate) fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

async fn alone<T>(
    pool: &DatabaseConnection,
    shared: &Arc<Shared>,
    work: &impl AsyncFn(&Tx) -> Result<T, StoreError>,
) -> Result<(T, bool), StoreError> {
    let tx = Tx::new(pool.begin().await?, shared);
    let done = work(&tx).await;
    let (transaction, changed) = tx.finish();
    match done {
        Ok(done) => {
            transaction.commit().await?;
            Ok((done, changed))
        }
        Err(error) => {
            if let Err(second) = transaction.rollback().await {
                // The connection is not used again, and the server rolls back by itself.
                tracing::warn!(error = %second, "cannot roll back");
            }
            Err(error)
        }
    }
}

async fn in_turn<T>(
    queue: &mpsc::Sender<Ask>,
    shared: &Arc<Shared>,
    work: &impl AsyncFn(&Tx) -> Result<T, StoreError>,
) -> Result<(T, bool), StoreError> {
    let (ask, lent) = oneshot::channel();
    queue.send(ask).await.map_err(|_| closed())?;
    let Loan { transaction, back } = lent.await.map_err(|_| closed())??;
    // INVARIANT: declared after `back`, so dropped before it; see `Loan`.
    let tx = Tx::new(transaction, shared);
    let done = work(&tx).await;
    let (transaction, changed) = tx.finish();
    match done {
        Ok(done) => {
            let (told, committed) = oneshot::channel();
            // If the owner is gone, so is whom to tell, and the next line finds out.
            drop(back.send((transaction, Some(told))));
            // Not told at all: the group was undone because of another's fault.
            committed.await.map_err(|_| StoreError::Raced)??;
            Ok((done, changed))
        }
        Err(error) => {
            drop(back.send((transaction, None)));
            Err(error)
        }
    }
}

/// The owner of the connection: one group after the other.
async fn own(writers: DatabaseConnection, mut asks: mpsc::Receiver<Ask>) {
    while let Some(first) = asks.recv().await {
        if let Err(error) = group(&writers, first, &mut asks).await {
            tracing::warn!(%error, "a group of transactions was undone");
        }
    }
}

/// One commit. On an error the whole is dropped, and with it everybody's wait: they try again.
async fn group(
    writers: &DatabaseConnection,
    first: Ask,
    asks: &mut mpsc::Receiver<Ask>,
) -> Result<(), DbErr> {
    let whole = match writers.begin_with_options(immediate()).await {
        Ok(whole) => whole,
        Err(error) => {
            drop(first.send(Err(error)));
            return Ok(());
        }
    };
    // The first needs no savepoint: it is alone, and what it would spoil is the whole.
    let Some((whole, told)) = lend(whole, first).await? else {
        return Ok(());
    };
    let mut members = vec![told];
    while members.len() < GROUP
        && let Ok(next) = asks.try_recv()
    {
        if let Some((savepoint, told)) = lend(whole.begin().await?, next).await? {
            savepoint.commit().await?;
            members.push(told);
        }
    }
    let outcome = whole.commit().await;
    for told in members {
        drop(told.send(outcome.clone()));
    }
    Ok(())
}

/// Lends a transaction to whoever asks. Nothing comes back if it was undone.
async fn lend(
    transaction: DatabaseTransaction,
    ask: Ask,
) -> Result<Option<(DatabaseTransaction, Committed)>, DbErr> {
    let (back, returned) = oneshot::channel();
    // Whoever no longer waits drops the loan, which undoes it.
    drop(ask.send(Ok(Loan { transaction, back })));
    match returned.await {
        Ok((transaction, Some(told))) => Ok(Some((transaction, told))),
        Ok((transaction, None)) => transaction.rollback().await.map(|()| None),
        Err(_dropped) => Ok(None),
    }
}

fn closed() -> StoreError {
    StoreError::Unusable("the store was closed".to_owned())
}

/// How many may wait for the connection before others wait to wait.
const WAITING: usize = 4_096;

/// How many may share one commit: a bound on how long the first of them waits for its answer.
const GROUP: usize = 128;
