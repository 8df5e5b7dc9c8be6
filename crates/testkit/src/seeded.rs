//! Entropy that repeats.

use std::sync::atomic::{AtomicU64, Ordering};

use fireward_oauth::Entropy;

/// Entropy from a number: every draw differs, every run is the same.
#[derive(Debug)]
pub struct Seeded(AtomicU64);

impl Seeded {
    /// From a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for Seeded {
    fn fill(&self, into: &mut [u8]) {
        for chunk in into.chunks_mut(8) {
            // The generator SplitMix64.
            let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            let octets = (z ^ (z >> 31)).to_le_bytes();
            for (to, from) in chunk.iter_mut().zip(octets) {
                *to = from;
            }
        }
    }
}
