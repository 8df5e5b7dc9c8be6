//! Moments as people type them.

use std::str::FromStr;

use fireward_oauth::{Lifetime, Timestamp};
use time::{
    Date, OffsetDateTime, Time,
    format_description::well_known::{Iso8601, Rfc3339},
};

/// A moment: absolute, or so long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// `2026-11-22T06:00:00Z`, or `2026-11-22` for the start of that day in UTC.
    At(Timestamp),
    /// `90s`, `15m`, `24h` or `7d` ago.
    Ago(Lifetime),
}

impl Moment {
    /// When that is, seen from now.
    pub(crate) const fn seen_from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Ago(span) => now.minus(span),
        }
    }
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let whole = OffsetDateTime::parse(text, &Rfc3339).map(OffsetDateTime::unix_timestamp);
        let day = || {
            let date = Date::parse(text, &Iso8601::DATE)?;
            Ok::<_, time::error::Parse>(
                date.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp(),
            )
        };
        let at = |seconds| Self::At(Timestamp::from_unix(seconds));
        whole.or_else(|_| day()).ok().map(at).or_else(|| ago(text).map(Self::Ago)).ok_or(
            "a moment is 2026-11-22T06:00:00Z, 2026-11-22 (in UTC), or a span back such as 15m, 24h or 7d",
        )
    }
}

fn ago(text: &str) -> Option<Lifetime> {
    let unit = text.chars().next_back()?;
    let count = text.strip_suffix(unit)?.parse::<u32>().ok()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    count.checked_mul(seconds).map(Lifetime::seconds)
}

/// A moment as RFC 3339 in UTC.
pub(crate) fn rfc_3339(moment: Timestamp) -> String {
    let date = OffsetDateTime::from_unix_timestamp(moment.unix());
    date.ok().and_then(|date| date.format(&Rfc3339).ok()).unwrap_or_else(|| moment.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_people_type_them() {
        let now = Timestamp::from_unix(1_800_000_000);
        let seen = |text: &str| text.parse::<Moment>().map(|moment| moment.seen_from(now).unix());
        assert_eq!(seen("2026-11-22T06:00:00Z"), Ok(1_795_327_200));
        assert_eq!(seen("2026-11-22T07:00:00+01:00"), Ok(1_795_327_200));
        assert_eq!(seen("2026-11-22"), Ok(1_795_305_600));
        assert_eq!(seen("15m"), Ok(1_800_000_000 - 900));
        assert_eq!(seen("7d"), Ok(1_800_000_000 - 604_800));
        for wrong in ["", "m", "yesterday", "2026-13-01", "-5m", "5 m", "5w", "99999999999d", "5é"]
        {
            assert!(seen(wrong).is_err(), "{wrong}");
        }
        assert_eq!(rfc_3339(Timestamp::from_unix(1_795_327_200)), "2026-11-22T06:00:00Z");
    }
}
