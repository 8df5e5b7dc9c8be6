//! Why the records do not answer.

use sea_orm::{DbErr, SqlErr};
use thiserror::Error;

/// Why a request on the records is not answered with what it asks. The first five are the asker's to mend, the rest ours.
#[derive(Debug, Error)]
pub enum RecordsError {
    /// There is no such resource or version, or the permit does not reach it: nobody is told which (D-36).
    #[error("no such resource")]
    Missing,
    /// The resource was deleted.
    #[error("the resource was deleted")]
    Gone,
    /// The version that the asker knows is not the current one (RFC 9110 §13.1.1).
    #[error("the current version is {current}")]
    Stale {
        /// The current version; 0 if there is none.
        current: u64,
    },
    /// The permit does not allow the resource that would result (D-40).
    #[error("the resource is not within what the token allows")]
    Refused,
    /// The search cannot be carried out.
    #[error("{0}")]
    NotUnderstood(String),
    /// Another request got in first: the runner of transactions tries again.
    #[error("another request got in first")]
    Raced,
    /// A row does not add up.
    #[error("table {table}, row {row}: {fault}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The number of the row.
        row: i64,
        /// What is wrong with it.
        fault: String,
    },
    /// The database failed.
    #[error("the database failed: {0}")]
    Db(DbErr),
}

impl From<DbErr> for RecordsError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Raced,
            _ if serialization_failure(&error) => Self::Raced,
            _ => Self::Db(error),
        }
    }
}

/// A deadlock or a serialization failure of PostgreSQL, a busy SQLite: another try may go through.
fn serialization_failure(error: &DbErr) -> bool {
    use sea_orm::{RuntimeErr::SqlxError, sqlx::error::DatabaseError};
    let (DbErr::Exec(SqlxError(error)) | DbErr::Query(SqlxError(error))) = error else {
        return false;
    };
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("40001" | "40P01" | "5" | "517"))
}
