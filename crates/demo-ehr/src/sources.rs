//! Time and randomness, which are handed in.

use std::{fmt, sync::Arc};

use fireward_jose::{b64, backend::rand::SecureRandom};

/// Seconds since 1970.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;
/// Fills octets for ids and secrets.
pub type Entropy = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// Where time and randomness come from.
#[derive(Clone)]
pub struct Sources {
    /// The one clock.
    pub now: Clock,
    /// Of ids and secrets.
    pub entropy: Entropy,
    /// The signatures' randomness.
    pub rng: Arc<dyn SecureRandom + Send + Sync>,
}

impl Sources {
    pub(crate) fn now(&self) -> i64 {
        (self.now)()
    }

    /// 256 bits that nobody can guess, safe in addresses, cookies and forms.
    pub(crate) fn secret(&self) -> String {
        let mut octets = [0; 32];
        (self.entropy)(&mut octets);
        b64::encode(octets)
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}
