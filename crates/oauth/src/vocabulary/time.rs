//! Moments and spans, in whole seconds (RFC 7519 §2, `NumericDate`).

use std::fmt;

/// A moment: seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The moment `seconds` after the epoch.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// This moment and `span` more; the end of time if there is no such moment.
    #[must_use]
    pub const fn plus(self, span: Lifetime) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// This moment less `span`.
    #[must_use]
    pub const fn minus(self, span: Lifetime) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// How long from `earlier` until this moment; nothing if it is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Lifetime {
        let span = self.0.saturating_sub(earlier.0);
        Lifetime(if span < 0 { 0 } else { span })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A span of time, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Lifetime(i64);

impl Lifetime {
    /// A span of so many seconds.
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self(seconds as i64)
    }

    /// A span of so many minutes.
    #[must_use]
    pub const fn minutes(minutes: u32) -> Self {
        Self(minutes as i64 * 60)
    }

    /// A span of so many hours.
    #[must_use]
    pub const fn hours(hours: u32) -> Self {
        Self(hours as i64 * 3_600)
    }

    /// A span of so many days.
    #[must_use]
    pub const fn days(days: u32) -> Self {
        Self(days as i64 * 86_400)
    }

    /// The whole seconds in it.
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0
    }
}
