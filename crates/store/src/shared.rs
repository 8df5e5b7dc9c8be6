//! What all clones of a store share within a process, and the watch on changes that others make.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use fireward_oauth::{IssuerId, Timestamp, audit::Event};

use crate::{Reader, StoreError, cache::Caches, changes, explanations::Waiting, readers::Readers};

/// What all clones of a store share.
pub(crate) struct Shared {
    /// What this node calls itself in the audit log and in leases.
    pub(crate) node: String,
    pub(crate) reader: Reader,
    pub(crate) caches: Caches,
    pub(crate) watch: Watch,
    /// Audit events that wait to be written together.
    pub(crate) queued: Mutex<Vec<Event>>,
    /// Explanations that wait to be written together.
    pub(crate) explaining: Mutex<Waiting>,
    /// Held by whoever writes them.
    pub(crate) flushing: tokio::sync::Mutex<()>,
    /// How many open authorizations there are at most, by issuer, and when they were counted.
    pub(crate) open: Mutex<HashMap<IssuerId, (Timestamp, u64)>>,
}

impl Shared {
    pub(crate) fn new(readers: Readers, node: &str) -> Arc<Self> {
        let shared = Arc::new(Self {
            node: node.to_owned(),
            reader: Reader { connections: readers },
            caches: Caches::default(),
            watch: Watch::default(),
            queued: Mutex::default(),
            explaining: Mutex::default(),
            flushing: tokio::sync::Mutex::default(),
            open: Mutex::default(),
        });
        tokio::spawn(look_often(Arc::downgrade(&shared)));
        shared
    }

    /// Sees what has changed until now.
    pub(crate) async fn look(&self) -> Result<(), StoreError> {
        let began = self.watch.elapsed();
        let counter = changes::counter(&self.reader.connections).await?;
        self.watch.seen(counter, began);
        Ok(())
    }
}

/// How recently this process has seen what others changed.
///
/// Every change of what is cached counts up one row in its own transaction. What was loaded is good while the counter
/// that was known *before* loading is still the newest: so a value read just before a change is never kept after it.
pub(crate) struct Watch {
    start: Instant,
    counter: AtomicI64,
    /// Milliseconds from `start` to the last look; none before the first.
    looked: AtomicU64,
}

impl Default for Watch {
    fn default() -> Self {
        Self { start: Instant::now(), counter: AtomicI64::new(0), looked: AtomicU64::new(NEVER) }
    }
}

impl Watch {
    /// The counter, if it was read within the last second. If not, nothing that is cached may be trusted.
    pub(crate) fn counter(&self) -> Option<i64> {
        let looked = self.looked.load(Ordering::Acquire);
        let fresh = looked != NEVER && self.elapsed().saturating_sub(looked) < TRUSTED;
        fresh.then(|| self.counter.load(Ordering::Acquire))
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(NEVER)
    }

    fn seen(&self, counter: i64, at: u64) {
        self.counter.fetch_max(counter, Ordering::AcqRel);
        // Two looks at once: the counter only grows, and the older look says no more than it knows.
        self.looked.store(at, Ordering::Release);
    }
}

/// Locks, whoever may have panicked with it: what is in there is whole at every step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn look_often(shared: Weak<Shared>) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        let Some(shared) = shared.upgrade() else { return };
        if let Err(error) = shared.look().await {
            tracing::debug!(%error, "cannot see whether cached rows have changed: they are read anew");
        }
    }
}

const NEVER: u64 = u64::MAX;

/// How often a node looks for changes. With `TRUSTED` it bounds how late a change is seen: a second.
const INTERVAL: Duration = Duration::from_millis(400);

/// For how many milliseconds a look is trusted.
const TRUSTED: u64 = 1_000;
