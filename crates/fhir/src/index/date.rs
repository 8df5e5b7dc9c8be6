//! Times as stretches: a date that is known to the month is the whole month (FHIR R4 §3.1.1.4.7).

use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// The first and the last millisecond since 1970 of what is written. Without a zone, UTC is meant.
pub(crate) fn span(text: &str) -> Option<(i64, i64)> {
    match text.split_once('T') {
        None => day_span(text),
        Some((date, clock)) => moment_span(date, clock),
    }
}

/// From the start to the end of a `Period`; an end that is not recorded is open.
pub(crate) fn period(element: &Value) -> Option<(i64, i64)> {
    let end = |name: &str| element.get(name).and_then(Value::as_str);
    let low = end("start").map(span);
    let high = end("end").map(span);
    match (low, high) {
        (None, None) => None,
        (low, high) => {
            let low = low.map_or(Some(EARLIEST), |found| found.map(|(low, _)| low))?;
            let high = high.map_or(Some(LATEST), |found| found.map(|(_, high)| high))?;
            Some((low, high))
        }
    }
}

/// Each event of a `Timing`, and its bounds.
pub(crate) fn timing(element: &Value) -> Vec<(i64, i64)> {
    let events = element.get("event").and_then(Value::as_array).into_iter().flatten();
    let events = events.filter_map(Value::as_str).filter_map(span);
    let bounds = element.pointer("/repeat/boundsPeriod").and_then(period);
    events.chain(bounds).collect()
}

fn day_span(text: &str) -> Option<(i64, i64)> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?;
    let month = parts.next().map(|part| number(part, 2));
    let day = parts.next().map(|part| number(part, 2));
    if parts.next().is_some() {
        return None;
    }
    let (first, last) = match (month, day) {
        (None, _) => (date(year, 1, 1)?, date(year, 12, 31)?),
        (Some(month), None) => {
            let first = date(year, month?, 1)?;
            (first, first.replace_day(first.month().length(first.year())).ok()?)
        }
        (Some(month), Some(day)) => {
            let day = date(year, month?, day?)?;
            (day, day)
        }
    };
    let low = millis(first.with_time(Time::MIDNIGHT).assume_utc());
    Some((low, millis(last.with_time(Time::MIDNIGHT).assume_utc()) + DAY - 1))
}

fn moment_span(date: &str, clock: &str) -> Option<(i64, i64)> {
    let (clock, zone) = split_zone(clock)?;
    // Seconds may be left out in a search, but not in a resource (§3.1.1.4.7).
    let (seconds, length) = match (clock.len(), clock.contains('.')) {
        (5, false) => (format!("{clock}:00"), 60_000),
        (_, false) => (clock.to_owned(), 1_000),
        (_, true) => (clock.to_owned(), 1),
    };
    let written = format!("{date}T{seconds}{zone}");
    let low = millis(OffsetDateTime::parse(&written, &Rfc3339).ok()?.to_offset(UtcOffset::UTC));
    Some((low, low + length - 1))
}

/// Tells the clock from the zone. A space was a `+` before somebody forgot to escape it.
fn split_zone(text: &str) -> Option<(&str, String)> {
    if let Some(clock) = text.strip_suffix('Z') {
        return Some((clock, "Z".to_owned()));
    }
    let Some(at) = text.find(['+', '-', ' ']) else { return Some((text, "Z".to_owned())) };
    let (clock, zone) = text.split_at_checked(at)?;
    Some((clock, zone.replace(' ', "+")))
}

fn number(text: &str, digits: usize) -> Option<u16> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn date(year: u16, month: u16, day: u16) -> Option<Date> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()
}

fn millis(moment: OffsetDateTime) -> i64 {
    moment.unix_timestamp() * 1_000 + i64::from(moment.millisecond())
}

const DAY: i64 = 86_400_000;

/// The first millisecond of year 1.
pub(crate) const EARLIEST: i64 = -62_135_596_800_000;

/// The last millisecond of year 9999.
pub(crate) const LATEST: i64 = 253_402_300_799_999;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{DAY, EARLIEST, LATEST, period, span};

    /// 2024-02-01T00:00:00Z.
    const FEBRUARY: i64 = 1_706_745_600_000;

    #[test]
    fn a_date_is_as_long_as_it_is_vague() {
        assert_eq!(span("2024-02-01"), Some((FEBRUARY, FEBRUARY + DAY - 1)));
        assert_eq!(span("2024-02"), Some((FEBRUARY, FEBRUARY + 29 * DAY - 1)));
        assert_eq!(span("2024"), Some((FEBRUARY - 31 * DAY, FEBRUARY + (366 - 31) * DAY - 1)));
        assert_eq!(span("2024-02-01T00:00Z"), Some((FEBRUARY, FEBRUARY + 59_999)));
        assert_eq!(span("2024-02-01T00:00:00Z"), Some((FEBRUARY, FEBRUARY + 999)));
        assert_eq!(span("2024-02-01T00:00:00.250Z"), Some((FEBRUARY + 250, FEBRUARY + 250)));
        assert_eq!(span("2024-02-01T01:00:00+01:00"), Some((FEBRUARY, FEBRUARY + 999)));
        assert_eq!(span("2024-02-01T01:00:00 01:00"), Some((FEBRUARY, FEBRUARY + 999)));
        assert_eq!(span("2024-02-01T00:00:00"), Some((FEBRUARY, FEBRUARY + 999)));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "24",
            "2024-13",
            "2024-02-30",
            "2024-2-1",
            "yesterday",
            "2024-02-01T",
            "2024-02-01-01",
        ] {
            assert_eq!(span(text), None, "{text}");
        }
        assert_eq!(span("2024-02-01T25:00:00Z"), None);
        assert_eq!(span("20240201"), None);
    }

    #[test]
    fn a_period_may_be_open() {
        assert_eq!(period(&json!({"start": "2024-02-01"})), Some((FEBRUARY, LATEST)));
        assert_eq!(period(&json!({"end": "2024-02-01"})), Some((EARLIEST, FEBRUARY + DAY - 1)));
        assert_eq!(period(&json!({})), None);
        assert_eq!(period(&json!({"start": "x"})), None);
    }
}
