//! The store: the runner of transactions, the reader, and what is answered from memory.

use std::sync::Arc;

use fireward_keys::KeyRecord;
use fireward_oauth::{
    ClientId, Issuer, IssuerId, Timestamp, brands::Publication, client::Client,
    resource_server::ResourceServer,
};
use sea_orm::{DatabaseConnection, DbBackend};

use crate::{
    Durability, Reader, StoreError, Tx,
    connect::{self, Pools},
    shared::Shared,
    transact::{self, Writer},
};

/// The authorization server's database. Clones share connections and caches.
#[derive(Clone)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
    writer: Arc<Writer>,
    writers: DatabaseConnection,
}

impl Store {
    /// Opens the database at `url`: `postgres://…`, `sqlite:PATH`, or the path of a SQLite file, which is created
    /// where there is none. Must be called within a tokio runtime that outlives the store.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn connect(url: &str, durability: Durability) -> Result<Self, StoreError> {
        Self::connect_as("main", url, durability).await
    }

    /// [`Store::connect`], with a name for this node that is its own among all that share the database; it names the
    /// node's chain in the audit log.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn connect_as(
        node: &str,
        url: &str,
        durability: Durability,
    ) -> Result<Self, StoreError> {
        let Pools { writers, readers } = connect::open(url, durability).await?;
        let writer = if writers.get_database_backend() == DbBackend::Sqlite {
            transact::queue(writers.clone())
        } else {
            Writer::Pool(writers.clone())
        };
        Ok(Self { shared: Shared::new(readers, node), writer: Arc::new(writer), writers })
    }

    /// Brings the tables up to date; safe to call from many nodes at once.
    ///
    /// # Errors
    /// When a migration fails.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        connect::migrate(&self.writers).await
    }

    /// Writes down that the database is of this issuer, or checks that it is.
    ///
    /// # Errors
    /// [`StoreError::WrongIssuer`] when it was written under another URL.
    pub async fn check_issuer(
        &self,
        id: &IssuerId,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.transact(async |tx| tx.issuers().check(id, issuer, now).await).await
    }

    /// Runs `work` in one transaction, and again from the start where another request got in first.
    ///
    /// Running it again is safe because decisions are pure: they are made anew on what is now there. `work` awaits
    /// nothing but its `Tx`; everybody else's writes wait for it.
    ///
    /// # Errors
    /// Those of `work`, and those of the database.
    pub async fn transact<T>(
        &self,
        work: impl AsyncFn(&Tx) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        for _ in 1..ATTEMPTS {
            match self.attempt(&work).await {
                Err(StoreError::Raced) => {}
                settled => return settled,
            }
        }
        self.attempt(&work).await
    }

    async fn attempt<T>(
        &self,
        work: &impl AsyncFn(&Tx) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (done, changed) = transact::attempt(&self.writer, &self.shared, work).await?;
        if changed && let Err(error) = self.shared.look().await {
            // It is committed, so it is answered; the caches find out within a second.
            tracing::warn!(%error, "cannot look for changes after a commit");
        }
        Ok(done)
    }

    /// Finders outside a transaction.
    #[must_use]
    pub fn read(&self) -> &Reader {
        &self.shared.reader
    }

    /// A client, from memory where it was read before and nothing has changed since.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn client(
        &self,
        issuer: &IssuerId,
        id: &ClientId,
    ) -> Result<Option<Arc<Client>>, StoreError> {
        let Shared { caches, watch, .. } = &*self.shared;
        let key = (issuer.clone(), id.clone());
        caches.clients.get(watch, key, async |_| self.read().clients().find(issuer, id).await).await
    }

    /// The issuer's resource servers, from memory where nothing has changed since they were read.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn resource_servers(
        &self,
        issuer: &IssuerId,
    ) -> Result<Arc<Vec<ResourceServer>>, StoreError> {
        let Shared { caches, watch, .. } = &*self.shared;
        let load =
            async |issuer: &_| self.read().resource_servers().list(issuer).await.map(unless_empty);
        let found = caches.resource_servers.get(watch, issuer.clone(), load).await?;
        Ok(found.unwrap_or_default())
    }

    /// The same, as they are now where none of those in memory is wanted: one that is new counts on the next request.
    ///
    /// # Errors
    /// As [`Store::resource_servers`].
    pub async fn resource_servers_with(
        &self,
        issuer: &IssuerId,
        wanted: impl Fn(&ResourceServer) -> bool,
    ) -> Result<Arc<Vec<ResourceServer>>, StoreError> {
        let known = self.resource_servers(issuer).await?;
        if known.iter().any(wanted) {
            return Ok(known);
        }
        self.shared.look().await?;
        self.resource_servers(issuer).await
    }

    /// The issuer's signing keys, from memory where nothing has changed since they were read.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn keys(&self, issuer: &IssuerId) -> Result<Arc<Vec<KeyRecord>>, StoreError> {
        let Shared { caches, watch, .. } = &*self.shared;
        let load = async |issuer: &_| self.read().keys().all(issuer).await.map(unless_empty);
        let found = caches.keys.get(watch, issuer.clone(), load).await?;
        Ok(found.unwrap_or_default())
    }

    /// The brands that the issuer publishes, from memory where nothing has changed since they were read. That there are
    /// none is kept too: every reader of smart-configuration asks.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn brands(&self, issuer: &IssuerId) -> Result<Arc<Option<Publication>>, StoreError> {
        let Shared { caches, watch, .. } = &*self.shared;
        let load = async |issuer: &_| self.read().brands().find(issuer).await.map(Some);
        let found = caches.brands.get(watch, issuer.clone(), load).await?;
        Ok(found.unwrap_or_default())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not, or its tables are not there.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.shared.look().await
    }
}

/// Nothing is never kept in memory: what is made next counts at once.
fn unless_empty<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// How often a body runs before its caller is told that others were always faster.
const ATTEMPTS: u32 = 6;
