//! What a node keeps in memory: clients, resource servers, keys, brands.
//!
//! Only what exists is kept, so that a new client works on its next request. Codes, refresh tokens, sessions and
//! grants are never here.

use std::{hash::Hash, sync::Arc};

use fireward_keys::KeyRecord;
use fireward_oauth::{
    ClientId, IssuerId, brands::Publication, client::Client, resource_server::ResourceServer,
};

use crate::{StoreError, shared::Watch};

/// The caches of a process.
#[derive(Default)]
pub(crate) struct Caches {
    pub(crate) clients: Cache<(IssuerId, ClientId), Client>,
    pub(crate) resource_servers: Cache<IssuerId, Vec<ResourceServer>>,
    pub(crate) keys: Cache<IssuerId, Vec<KeyRecord>>,
    pub(crate) brands: Cache<IssuerId, Option<Publication>>,
}

/// Values with the count of changes that was known when each was asked for.
pub(crate) struct Cache<K, V>(moka::sync::Cache<K, (i64, Arc<V>)>);

impl<K, V> Default for Cache<K, V>
where
    K: Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn default() -> Self {
        Self(moka::sync::Cache::new(MOST))
    }
}

impl<K, V> Cache<K, V>
where
    K: Eq + Hash + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// The value that is kept, if nothing has changed since; otherwise as `load` finds it now.
    pub(crate) async fn get(
        &self,
        watch: &Watch,
        key: K,
        load: impl AsyncFnOnce(&K) -> Result<Option<V>, StoreError>,
    ) -> Result<Option<Arc<V>>, StoreError> {
        let counter = watch.counter();
        if let (Some(counter), Some((of, value))) = (counter, self.0.get(&key))
            && of == counter
        {
            return Ok(Some(value));
        }
        let Some(value) = load(&key).await?.map(Arc::new) else {
            self.0.invalidate(&key);
            return Ok(None);
        };
        if let Some(counter) = counter {
            self.0.insert(key, (counter, Arc::clone(&value)));
        }
        Ok(Some(value))
    }
}

/// Entries of one kind; the least used go first.
const MOST: u64 = 10_000;
