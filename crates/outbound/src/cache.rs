//! The one cache of fetched documents.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use moka::sync::Cache;
use tokio::sync::Mutex;

use crate::address::sealed::Kind;
use crate::{Address, Document, Fault, Outbound};

/// The bounds of a cache. Times in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The media type that is asked for.
    pub accept: &'static str,
    /// How many documents are kept.
    pub entries: u64,
    /// How many octets a document may have.
    pub cap: usize,
    /// For how long a server that failed is left alone.
    pub retry_after: i64,
    /// How long a copy serves past its time when its server fails; of configured addresses only (never of
    /// a client's keys).
    pub last_known_good: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            accept: "application/json",
            entries: 256,
            cap: 64 * 1024,
            retry_after: 5,
            last_known_good: 0,
        }
    }
}

/// Documents, each as a `T` that its reader made of it once.
pub struct DocumentCache<T> {
    outbound: Arc<Outbound>,
    limits: Limits,
    read: Reader<T>,
    entries: Cache<(Kind, String), Arc<Entry<T>>>,
}

type Reader<T> = Box<dyn Fn(&Document) -> Result<T, String> + Send + Sync>;

/// A document as it is held. Times are seconds since 1970.
#[derive(Debug)]
pub struct Fetched<T> {
    /// What the reader made of it.
    pub value: Arc<T>,
    /// When it was asked for.
    pub fetched_at: i64,
    /// Until when its server lets it be used.
    pub fresh_until: i64,
}

struct Entry<T> {
    held: ArcSwapOption<Fetched<T>>,
    /// Held while fetching, so that one asks and the others wait.
    flight: Mutex<Flight>,
}

#[derive(Default)]
struct Flight {
    failed: Option<(i64, Fault)>,
}

impl<T: Send + Sync + 'static> DocumentCache<T> {
    /// An empty cache. The reader turns a document into a `T` or says why it cannot; what it refuses does not
    /// replace a good copy.
    pub fn new(
        outbound: Arc<Outbound>,
        limits: Limits,
        read: impl Fn(&Document) -> Result<T, String> + Send + Sync + 'static,
    ) -> Self {
        let entries = Cache::new(limits.entries);
        Self { outbound, limits, read: Box::new(read), entries }
    }

    /// The document, fetched unless a fresh copy is held.
    ///
    /// # Errors
    /// It cannot be fetched, and no copy may serve in its place.
    pub async fn get<A: Address>(&self, at: &A, now: i64) -> Result<Arc<Fetched<T>>, Fault> {
        self.fetch_unless(at, now, |held| now < held.fresh_until).await
    }

    /// The document, fetched unless the copy is younger than `age` seconds: for when the copy lacks a key that a
    /// token names. However many tokens do, their server is asked once in `age` seconds.
    ///
    /// # Errors
    /// It cannot be fetched, and no copy may serve in its place.
    pub async fn refetch_if_older<A: Address>(
        &self,
        at: &A,
        age: i64,
        now: i64,
    ) -> Result<Arc<Fetched<T>>, Fault> {
        self.fetch_unless(at, now, |held| now < held.fetched_at.saturating_add(age)).await
    }

    async fn fetch_unless<A: Address>(
        &self,
        at: &A,
        now: i64,
        will_do: impl Fn(&Fetched<T>) -> bool,
    ) -> Result<Arc<Fetched<T>>, Fault> {
        let entry = self.entry(at);
        let before = entry.held.load_full();
        if let Some(held) = before.as_ref().filter(|held| will_do(held)) {
            return Ok(Arc::clone(held));
        }
        let mut flight = entry.flight.lock().await;
        let held = entry.held.load_full();
        // Fetched while we waited: it is as new as what we would get, even if it may not be kept.
        if let Some(held) = held.as_ref().filter(|held| !same(Some(held), before.as_ref())) {
            return Ok(Arc::clone(held));
        }
        let rested = |(failed_at, _): &(i64, Fault)| {
            now >= failed_at.saturating_add(self.limits.retry_after)
        };
        if flight.failed.as_ref().is_none_or(rested) {
            flight.failed = None;
            match self.fetch(at, now).await {
                Ok(fetched) => {
                    entry.held.store(Some(Arc::clone(&fetched)));
                    return Ok(fetched);
                }
                Err(fault) => {
                    tracing::warn!(url = %at.url(), %fault, "a document could not be fetched");
                    flight.failed = Some((now, fault));
                }
            }
        }
        let fault = flight.failed.as_ref().map_or(Fault::Busy, |(_, fault)| fault.clone());
        held.filter(|held| now < self.good_until(A::KIND, held)).ok_or(fault)
    }

    async fn fetch<A: Address>(&self, at: &A, now: i64) -> Result<Arc<Fetched<T>>, Fault> {
        let Limits { accept, cap, .. } = self.limits;
        let document = self.outbound.get_document(at, accept, cap, now).await?;
        let value = (self.read)(&document).map_err(Fault::Unusable)?;
        let Document { fetched_at, fresh_until, .. } = document;
        Ok(Arc::new(Fetched { value: Arc::new(value), fetched_at, fresh_until }))
    }

    fn entry<A: Address>(&self, at: &A) -> Arc<Entry<T>> {
        let empty = || {
            Arc::new(Entry { held: ArcSwapOption::empty(), flight: Mutex::new(Flight::default()) })
        };
        self.entries.get_with((A::KIND, at.url().to_string()), empty)
    }

    fn good_until(&self, kind: Kind, held: &Fetched<T>) -> i64 {
        match kind {
            Kind::Configured => held.fresh_until.saturating_add(self.limits.last_known_good),
            Kind::Supplied => held.fresh_until,
        }
    }
}

fn same<T>(one: Option<&Arc<T>>, other: Option<&Arc<T>>) -> bool {
    one.map(Arc::as_ptr) == other.map(Arc::as_ptr)
}

impl<T> std::fmt::Debug for DocumentCache<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DocumentCache").field("limits", &self.limits).finish_non_exhaustive()
    }
}
