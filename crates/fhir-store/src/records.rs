//! The records: the one handle on the database.

use std::sync::Arc;

use sea_orm::DatabaseConnection;

use crate::connect::{self, Durability};
use crate::error::RecordsError;
use crate::trail::{Author, Outbox};

/// The demo server's records. Every method that reveals or changes a resource takes a `Permit`, and a permit carries the
/// compartment and the constraints, so an unfiltered access cannot be written.
#[derive(Debug, Clone)]
pub struct Records {
    pub(crate) database: DatabaseConnection,
    pub(crate) outbox: Arc<Outbox>,
    /// On whose behalf this handle writes: every write of theirs is told in its own transaction.
    pub(crate) author: Option<Arc<Author>>,
}

impl Records {
    /// Opens the database at `url` (`sqlite:PATH?mode=rwc` or `postgres://…`) and brings its tables up to date.
    ///
    /// # Errors
    /// `Db` where it cannot be opened or migrated.
    pub async fn open(url: &str, durability: Durability) -> Result<Self, RecordsError> {
        let database = connect::open(url, durability).await?;
        Ok(Self { database, outbox: Arc::default(), author: None })
    }

    /// Whether the database answers, for a readiness check.
    ///
    /// # Errors
    /// `Db` where it does not.
    pub async fn ping(&self) -> Result<(), RecordsError> {
        Ok(self.database.ping().await?)
    }

    /// Closes the connections, the last of which lets SQLite tidy its log away.
    ///
    /// # Errors
    /// `Db` where a connection cannot be closed.
    pub async fn close(self) -> Result<(), RecordsError> {
        Ok(self.database.close().await?)
    }
}
