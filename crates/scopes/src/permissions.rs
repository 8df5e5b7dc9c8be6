//! What may be done with a type of resource: the letters `cruds` (SMART App Launch 2.2, "Scopes for
//! requesting FHIR Resources"; SC-1, SC-2).

use std::fmt;

use crate::Invalid;

/// A set of the five permissions. Read never follows from write, nor search from read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Permissions(u8);

impl Permissions {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// `c`: type-level create.
    pub const CREATE: Self = Self(1);
    /// `r`: read, vread and the history of one resource.
    pub const READ: Self = Self(1 << 1);
    /// `u`: update, update-as-create and patch.
    pub const UPDATE: Self = Self(1 << 2);
    /// `d`: delete.
    pub const DELETE: Self = Self(1 << 3);
    /// `s`: search of a type or of the whole system, and their history.
    pub const SEARCH: Self = Self(1 << 4);
    /// What v1 calls `read` (SC-3).
    pub const V1_READ: Self = Self::READ.union(Self::SEARCH);
    /// What v1 calls `write` (SC-3).
    pub const V1_WRITE: Self = Self::CREATE.union(Self::UPDATE).union(Self::DELETE);
    /// All five.
    pub const ALL: Self = Self::V1_READ.union(Self::V1_WRITE);

    /// Whether every permission of `other` is here.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What is in one or the other.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn intersect(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether nothing is permitted.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The single permissions in this set, in the order of `cruds`.
    pub fn each(self) -> impl Iterator<Item = Self> {
        LETTERS.iter().map(|(_, single)| *single).filter(move |single| self.contains(*single))
    }

    /// The letters of this set, in the order of `cruds`.
    #[must_use]
    pub fn letters(self) -> String {
        LETTERS.iter().filter(|(_, single)| self.contains(*single)).map(|(c, _)| *c).collect()
    }

    /// Reads letters: at least one, each at most once, in the order of `cruds`. `sr`, `dus` and
    /// `rr` are refused rather than guessed at (SC-4).
    pub(crate) fn from_letters(text: &str) -> Result<Self, Invalid> {
        let mut left = LETTERS.iter();
        let mut found = Self::NONE;
        for c in text.chars() {
            let (_, single) = left.find(|(letter, _)| *letter == c).ok_or(Invalid::Permissions)?;
            found = found.union(*single);
        }
        if found.is_empty() { Err(Invalid::Permissions) } else { Ok(found) }
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.letters())
    }
}

const LETTERS: [(char, Permissions); 5] = [
    ('c', Permissions::CREATE),
    ('r', Permissions::READ),
    ('u', Permissions::UPDATE),
    ('d', Permissions::DELETE),
    ('s', Permissions::SEARCH),
];
