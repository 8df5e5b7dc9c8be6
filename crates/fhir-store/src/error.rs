//! Why the records do not answer.

use fireward_fhir::links::Dangling;
use fireward_fhir::patch::Unfit;
use fireward_fhir::structure::Issue;
use sea_orm::{DbErr, SqlErr};
use thiserror::Error;

/// Why a request on the records is not answered with what it asks. All but the last three are the asker's to mend.
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
    /// More than one resource meets the criteria of a conditional interaction.
    #[error("more than one resource meets the criteria")]
    Several,
    /// The one that meets the criteria has another id than the one that was sent (FHIR R4 http.html#cond-update).
    #[error(
        "the resource that meets the criteria is {found}, and the one that was sent has another id"
    )]
    OtherId {
        /// The id of the one that meets them.
        found: String,
    },
    /// The patch does not fit the resource.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The patch of somebody who may not read the resource does not fit it, or holds values against it.
    #[error("the patch does not fit, or tests what the token does not let you read")]
    Unseen,
    /// What the patch makes of the resource is none.
    #[error("the patch would leave something that is no resource of R4")]
    Malformed(Vec<Issue>),
    /// A reference stands for nothing.
    #[error(transparent)]
    Dangling(#[from] Dangling),
    /// A reference that is a search finds nothing.
    #[error("nothing meets the reference {0}")]
    Unresolved(String),
    /// Two entries of a transaction are about one resource.
    #[error("two entries are about {0}")]
    Twice(String),
    /// To answer, too much would have to be looked at.
    #[error("there is too much to look through: ask for less, or of a shorter time")]
    TooCostly,
    /// An entry of several is at fault.
    #[error("entry {at}: {error}")]
    Entry {
        /// Its number, from 0.
        at: usize,
        /// Its fault.
        error: Box<Self>,
    },
    /// The search finds what the permit does not reach, and the server refuses such searches (row 84).
    #[error("the search finds what the token does not open")]
    Beyond,
    /// A resource of this type is part of everything and not within the permit (row 87).
    #[error("a {0} is part of everything and not within what the token allows")]
    Uncovered(&'static str),
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

impl RecordsError {
    /// The fault of one entry. One that another try may mend is nobody's.
    pub(crate) fn in_entry(self, at: usize) -> Self {
        if matches!(self, Self::Raced | Self::Db(_)) {
            return self;
        }
        Self::Entry { at, error: Box::new(self) }
    }
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
