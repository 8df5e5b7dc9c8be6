//! Why the store does not answer: always our fault, never the asker's.

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx::error::DatabaseError};

/// Why the store does not answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another request got in first. The runner of transactions tries again, so a caller sees it only when
    /// several tries in a row came too late.
    #[error("another request got in first")]
    Raced,
    /// A row does not add up.
    #[error("table {table}, row {row}, column {column} does not add up")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row's key within its issuer.
        row: String,
        /// The column.
        column: &'static str,
    },
    /// The database was written under another issuer URL; to serve it under this one would misread it.
    #[error(
        "the database belongs to the issuer {written}, and is not served as {asked}: serve it under its own \
         address, or use another database (for the demo, another --data folder)"
    )]
    WrongIssuer {
        /// Under which URL it was written.
        written: String,
        /// Under which it is to be served now.
        asked: String,
    },
    /// The database cannot be used as it was named.
    #[error("{0}")]
    Unusable(String),
    /// The database failed.
    #[error("the database failed: {0}")]
    Db(DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            // Somebody else wrote the same key: on a second run the body meets the row.
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Raced,
            _ if worth_another_try(&error) => Self::Raced,
            _ => Self::Db(error),
        }
    }
}

/// A deadlock or a serialization failure on PostgreSQL, a busy SQLite: another try may go through.
fn worth_another_try(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("40001" | "40P01" | "5" | "261" | "517"))
}
