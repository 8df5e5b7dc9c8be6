//! The one runner of write transactions.

use sea_orm::{DatabaseConnection, DatabaseTransaction, SqliteTransactionMode};
use sea_orm::{TransactionOptions, TransactionTrait};

use crate::error::RecordsError;

/// Runs `work` in one transaction, and again from the start where another request got in first.
///
/// Running it again is safe because a body awaits nothing but its transaction and decides anew on what is now there.
pub(crate) async fn transact<T>(
    database: &DatabaseConnection,
    work: impl AsyncFn(&DatabaseTransaction) -> Result<T, RecordsError>,
) -> Result<T, RecordsError> {
    for _ in 1..ATTEMPTS {
        match attempt(database, &work).await {
            Err(RecordsError::Raced) => {}
            settled => return settled,
        }
    }
    attempt(database, &work).await
}

async fn attempt<T>(
    database: &DatabaseConnection,
    work: &impl AsyncFn(&DatabaseTransaction) -> Result<T, RecordsError>,
) -> Result<T, RecordsError> {
    // IMMEDIATE: a SQLite reader that turns writer may find that it cannot, and answer "database is locked".
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = database.begin_with_options(options).await?;
    match work(&transaction).await {
        Ok(done) => transaction.commit().await.map(|()| done).map_err(RecordsError::from),
        Err(error) => {
            transaction.rollback().await?;
            Err(error)
        }
    }
}

const ATTEMPTS: u32 = 5;
