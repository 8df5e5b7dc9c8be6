//! Checking passwords with Argon2id, a few at a time (Z5) and in the same time whether or not the user exists (B1).

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{Algorithm, Argon2, Block, Params, Version, password_hash::phc};
use fireward_oauth::{Entropy, people::PasswordHash};
use subtle::ConstantTimeEq as _;
use tokio::sync::Semaphore;

/// Where passwords are checked.
#[derive(Debug)]
pub struct Passwords {
    cores: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
    spare: Mutex<Vec<Vec<Block>>>,
    nobodys: PasswordHash,
}

/// Too many passwords wait to be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be checked")]
pub struct Busy;

/// A password could not be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct NotHashed;

impl Passwords {
    /// A pool that uses so many cores, with a queue for each.
    ///
    /// # Errors
    /// When nothing can be hashed at all.
    pub fn new(cores: usize, entropy: &dyn Entropy) -> Result<Self, NotHashed> {
        let cores = cores.max(1);
        Ok(Self {
            cores: Arc::new(Semaphore::new(cores)),
            waiting: AtomicUsize::new(0),
            most_waiting: cores * QUEUE_PER_CORE,
            spare: Mutex::new(Vec::new()),
            nobodys: nobodys(entropy).ok_or(NotHashed)?,
        })
    }

    /// Whether `password` is the one behind `stored`. Without a stored one it is not, and it takes as long.
    ///
    /// # Errors
    /// When too many wait already.
    pub async fn fit(
        self: &Arc<Self>,
        password: String,
        stored: Option<PasswordHash>,
    ) -> Result<bool, Busy> {
        let check = move |pool: &Self| {
            let known = stored.is_some();
            let against = stored.as_ref().unwrap_or(&pool.nobodys);
            let fits = pool.with_memory(|memory| matches(against, password.as_bytes(), memory));
            fits.unwrap_or(false) && known
        };
        self.queued(check).await
    }

    /// [`hash()`], in the same queue.
    ///
    /// # Errors
    /// When too many wait already.
    pub async fn hash(
        self: &Arc<Self>,
        password: String,
        entropy: &dyn Entropy,
    ) -> Result<Result<PasswordHash, NotHashed>, Busy> {
        let salt = entropy.draw::<16>();
        self.queued(move |_| hashed(password.as_bytes(), &salt).ok_or(NotHashed)).await
    }

    /// Does work that costs as much as checking a password, once it is its turn.
    async fn queued<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let place = Place::take(self)?;
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(|_| Busy)?;
        let pool = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let done = work(&pool);
            drop((core, place));
            done
        });
        done.await.map_err(|_| Busy)
    }

    /// Lends memory that was used before. It is kept while others wait: the last of them gives it up.
    fn with_memory<T>(&self, work: impl FnOnce(&mut Vec<Block>) -> T) -> T {
        let mut memory = self.spares().pop().unwrap_or_default();
        let done = work(&mut memory);
        self.spares().push(memory);
        done
    }

    fn spares(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Block>>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hashes a new password, with the parameters that OWASP recommends: 19 MiB, 2 passes.
///
/// # Errors
/// When the library refuses.
pub fn hash(password: &[u8], entropy: &dyn Entropy) -> Result<PasswordHash, NotHashed> {
    hashed(password, &entropy.draw::<16>()).ok_or(NotHashed)
}

fn hashed(password: &[u8], salt: &[u8]) -> Option<PasswordHash> {
    let params = Params::DEFAULT;
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    let mut memory = Vec::new();
    provide(&mut memory, params.block_count());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::default(), params);
    argon2.hash_password_into_with_memory(password, salt, &mut output, &mut memory).ok()?;
    written(salt, &output)
}

/// What unknown users are checked against: it costs what any other does, and nobody knows a password for it. It is
/// drawn rather than computed, which would keep the start waiting.
fn nobodys(entropy: &dyn Entropy) -> Option<PasswordHash> {
    written(&entropy.draw::<16>(), &entropy.draw::<{ Params::DEFAULT_OUTPUT_LEN }>())
}

fn written(salt: &[u8], output: &[u8]) -> Option<PasswordHash> {
    let whole = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::default().into()),
        params: phc::ParamsString::try_from(&Params::DEFAULT).ok()?,
        salt: Some(phc::Salt::new(salt).ok()?),
        hash: Some(phc::Output::new(output).ok()?),
    };
    Some(PasswordHash::from_phc(whole.to_string()))
}

/// Whether a password is the one behind a hash: for whoever writes users down, away from the event loop. Signing in
/// goes through [`Passwords`].
#[must_use]
pub fn is_password(password: &[u8], stored: &PasswordHash) -> bool {
    matches(stored, password, &mut Vec::new()).unwrap_or(false)
}

/// `None` when what is stored is no Argon2 hash.
fn matches(stored: &PasswordHash, password: &[u8], memory: &mut Vec<Block>) -> Option<bool> {
    let stored = phc::PasswordHash::new(stored.as_phc()).ok()?;
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).ok()?;
    let version = stored.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let params = Params::try_from(&stored).ok()?;
    let (salt, expected) = (stored.salt?, stored.hash?);
    provide(memory, params.block_count());
    let mut output = vec![0; expected.len()];
    let argon2 = Argon2::new(algorithm, version, params);
    argon2.hash_password_into_with_memory(password, &salt, &mut output, memory).ok()?;
    Some(output.ct_eq(expected.as_ref()).into())
}

/// INVARIANT: more than 32 MiB at once, of which only what is needed is ever touched. The system's allocator maps blocks
/// of that size and unmaps them when they are freed; smaller ones it would keep.
fn provide(memory: &mut Vec<Block>, blocks: usize) {
    if memory.capacity() < blocks {
        *memory = Vec::with_capacity(blocks.max(ALWAYS_MAPPED));
    }
    memory.resize(blocks, Block::new());
}

/// A place in the queue, given back when dropped.
struct Place(Arc<Passwords>);

impl Place {
    fn take(pool: &Arc<Passwords>) -> Result<Self, Busy> {
        let before = pool.waiting.fetch_add(1, Ordering::AcqRel);
        let place = Self(Arc::clone(pool));
        if before < pool.most_waiting { Ok(place) } else { Err(Busy) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.0.waiting.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.spares().clear();
        }
    }
}

/// At 30 ms a password, the last in the queue waits for two seconds.
const QUEUE_PER_CORE: usize = 64;
const ALWAYS_MAPPED: usize = 33 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, into: &mut [u8]) {
            into.fill_with(|| self.0.fetch_add(1, Ordering::AcqRel));
        }
    }

    fn pool() -> (Arc<Passwords>, PasswordHash) {
        let entropy = Counting(0.into());
        (Arc::new(Passwords::new(1, &entropy).unwrap()), hash(b"right", &entropy).unwrap())
    }

    #[tokio::test]
    async fn b1_only_the_right_password_of_a_known_user_fits() {
        let (pool, stored) = pool();
        assert_eq!(pool.fit("right".into(), Some(stored.clone())).await, Ok(true));
        assert_eq!(pool.fit("wrong".into(), Some(stored)).await, Ok(false));
        assert_eq!(pool.fit("right".into(), None).await, Ok(false));
        assert_eq!(
            pool.fit("right".into(), Some(PasswordHash::from_phc("x".into()))).await,
            Ok(false)
        );
    }

    #[test]
    fn b1_nobodys_password_costs_what_anybodys_does() {
        let (pool, stored) = pool();
        let cost = |hash: &PasswordHash| {
            let hash = phc::PasswordHash::new(hash.as_phc()).unwrap();
            (hash.algorithm, hash.version, hash.params, hash.hash.unwrap().len())
        };
        assert_eq!(cost(&pool.nobodys), cost(&stored));
        // It is tried to the end, as any other, and does not fit.
        assert_eq!(matches(&pool.nobodys, b"right", &mut Vec::new()), Some(false));
    }

    #[tokio::test]
    async fn z5_the_queue_has_an_end_and_an_idle_pool_keeps_no_memory() {
        let (pool, stored) = pool();
        pool.waiting.store(QUEUE_PER_CORE, Ordering::Relaxed);
        assert_eq!(pool.fit("right".into(), Some(stored.clone())).await, Err(Busy));
        assert_eq!(pool.waiting.load(Ordering::Relaxed), QUEUE_PER_CORE);
        pool.waiting.store(0, Ordering::Relaxed);
        assert_eq!(pool.fit("right".into(), Some(stored)).await, Ok(true));
        assert!(pool.spares().is_empty());
        assert_eq!(pool.waiting.load(Ordering::Relaxed), 0);
    }
}
