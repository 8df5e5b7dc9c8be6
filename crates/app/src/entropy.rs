//! The one source of entropy of the running program: the operating system's.

use fireward_jose::backend::rand::{SecureRandom as _, SystemRandom};
use fireward_oauth::Entropy;

/// The operating system's entropy.
pub(crate) struct SystemEntropy(SystemRandom);

impl SystemEntropy {
    /// Opens it.
    pub(crate) fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Entropy for SystemEntropy {
    fn fill(&self, into: &mut [u8]) {
        // INVARIANT: an id or secret is never made without entropy. There is nothing sensible to
        // answer when the system has none, so this process ends rather than issue a guessable code.
        if self.0.fill(into).is_err() {
            std::process::abort();
        }
    }
}
