//! Bulk exports: what was asked for, how far it is, and what it has found.
//!
//! Versions of resources never change, so a file is kept as a list of versions and written out when it is fetched:
//! an export takes no room beside the records, any node can go on with it and serve it, and it shows the records as
//! they were at one moment, its `transactionTime`, whatever is written meanwhile.

mod entity;
mod files;
mod jobs;
mod rows;
mod snapshot;
mod walk;

use time::OffsetDateTime;

pub use files::{Content, ExportFile, List};
pub use jobs::{Limits, NewExport};
pub(crate) use snapshot::newest;
pub use walk::{Batch, Walk};

use crate::records::Records;

/// The exports of the records.
#[derive(Debug, Clone, Copy)]
pub struct Exports<'a>(pub(crate) &'a Records);

impl Records {
    /// The exports.
    #[must_use]
    pub fn exports(&self) -> Exports<'_> {
        Exports(self)
    }
}

/// An export that was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its number in the database.
    pub number: i64,
    /// Its name in URLs: drawn at random.
    pub id: String,
    /// The client that asked for it.
    pub client: String,
    /// The scopes of the token that it was asked with.
    pub scope: String,
    /// The id of the group that the token was bound to.
    pub bound_to: Option<String>,
    /// The URL of the kick-off.
    pub request: String,
    /// What was asked, in words of the asker.
    pub asked: String,
    /// The moment that the export is of, to the millisecond: nothing later is in it, and nothing earlier missing.
    pub transaction_time: OffsetDateTime,
    /// How it stands.
    pub state: State,
    /// How far it is.
    pub place: Place,
    /// How many resources it has found.
    pub found: u64,
    /// Until when somebody works on it.
    pub leased_until: OffsetDateTime,
    /// When it is forgotten.
    pub expires_at: OffsetDateTime,
}

/// How an export stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Somebody works on it, or shall.
    Running,
    /// It is done.
    Complete,
    /// It has failed, and why.
    Failed(String),
}

/// Where an export goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// In which of its types.
    pub part: usize,
    /// After the resource of this number.
    pub after: i64,
}

/// A version of a resource that an export has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The number of the resource.
    pub number: i64,
    /// The version.
    pub version: i64,
}
