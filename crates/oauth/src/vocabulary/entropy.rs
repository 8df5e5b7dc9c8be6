//! Where ids, codes, secrets and salts come from. `app` seeds it from the system, tests from a number.

/// A source of unpredictable octets.
pub trait Entropy: Send + Sync {
    /// Fills `into` with octets that nobody can predict.
    fn fill(&self, into: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// Draws `N` octets.
    #[must_use]
    pub fn draw<const N: usize>(&self) -> [u8; N] {
        let mut octets = [0; N];
        self.fill(&mut octets);
        octets
    }
}
