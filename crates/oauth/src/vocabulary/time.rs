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

impl Timestamp {
    /// The end of a day in UTC, `2027-01-31`: the first moment that is not within it. `None` for what is no such day.
    #[must_use]
    pub fn end_of_day(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let mut part = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits)?;
            part.bytes().all(|octet| octet.is_ascii_digit()).then(|| part.parse::<i64>().ok())?
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        let days = days_before(year, month)? + day;
        let end = Self(days * DAY);
        // What overflows its month reads back as another day.
        (end.last_day() == text).then_some(end)
    }

    /// The last day in UTC of a span that ends at this moment, as `2027-01-31`.
    #[must_use]
    pub fn last_day(self) -> String {
        let days = (self.0 - 1).div_euclid(DAY);
        let mut year = 1970 + days.div_euclid(366);
        while days_before(year + 1, 1).is_some_and(|before| before <= days) {
            year += 1;
        }
        let starts = |month: &i64| days_before(year, *month).is_some_and(|before| before <= days);
        let month = (1..=12).rev().find(starts).unwrap_or(1);
        let day = days - days_before(year, month).unwrap_or_default() + 1;
        format!("{year:04}-{month:02}-{day:02}")
    }
}

const DAY: i64 = 86_400;

/// So many days are between 1970 and the first of a month.
fn days_before(year: i64, month: i64) -> Option<i64> {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let within = BEFORE.get(usize::try_from(month - 1).ok()?)?;
    let leaps = |year: i64| year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let past_february = i64::from(leap && month > 2);
    Some((year - 1970) * 365 + leaps(year - 1) - leaps(1969) + within + past_february)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_day_ends_when_the_next_begins_and_what_is_no_day_never_does() {
        assert_eq!(Timestamp::end_of_day("1970-01-01"), Some(Timestamp(86_400)));
        assert_eq!(Timestamp::end_of_day("2024-02-29"), Some(Timestamp(1_709_251_200)));
        for none in
            ["2023-02-29", "2024-13-01", "2024-00-01", "2024-1-1", "2024-01-01T", "", "+024-01-01"]
        {
            assert_eq!(Timestamp::end_of_day(none), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn days_read_back_as_they_are_written(days in 0_i64..200_000) {
            let end = Timestamp((days + 1) * DAY);
            prop_assert_eq!(Timestamp::end_of_day(&end.last_day()), Some(end));
            prop_assert_eq!(Timestamp(end.0 - 5).last_day(), end.last_day());
        }
    }
}
