//! Calendar dates, as precise as a record has them, and ages.

use fluent_bundle::FluentValue;
use time::{Month, OffsetDateTime};

use super::Language;

/// A date as precise as it is known (FHIR `date`): a year, a month or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    /// The year.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: Option<u8>,
    /// The day of the month.
    pub day: Option<u8>,
}

impl Date {
    /// A whole date.
    #[must_use]
    pub fn new(year: i32, month: u8, day: u8) -> Self {
        Self { year, month: Some(month), day: Some(day) }
    }

    /// Reads `1979`, `1979-03` or `1979-03-04`; of a date with a time it reads the date.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('T').next()?.split('-');
        let year = parts.next().filter(|y| y.len() == 4)?.parse().ok()?;
        let month: Option<u8> = parts.next().map(str::parse).transpose().ok()?;
        let day: Option<u8> = parts.next().map(str::parse).transpose().ok()?;
        if let (Some(month), Some(day)) = (month, day) {
            let month = Month::try_from(month).ok()?;
            time::Date::from_calendar_date(year, month, day).ok()?;
        }
        month.is_none_or(|m| (1..=12).contains(&m)).then_some(Self { year, month, day })
    }

    /// The day in UTC of a time in seconds since 1970.
    #[must_use]
    pub fn of_unix(seconds: i64) -> Self {
        let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Self::new(at.year(), at.month().into(), at.day())
    }

    /// Whole months between two dates, where the precision allows to tell.
    fn months_until(self, today: Self) -> Option<i32> {
        let years = today.year.checked_sub(self.year)?;
        let (Some(born), Some(now)) = (self.month, today.month) else {
            return years.checked_mul(12);
        };
        let short = i32::from(today.day < self.day);
        Some(years * 12 + i32::from(now) - i32::from(born) - short)
    }
}

impl Language {
    /// The date in this language's order, months by name.
    pub(crate) fn date(self, date: Date) -> String {
        let month = date.month.map(|month| self.say(&format!("month-{month}"), &[]));
        let mut args = vec![("year", FluentValue::from(date.year.to_string()))];
        args.extend(month.map(|month| ("month", FluentValue::from(month))));
        args.extend(date.day.map(|day| ("day", FluentValue::from(day.to_string()))));
        let key = match (date.month, date.day) {
            (Some(_), Some(_)) => "date-day",
            (Some(_), None) => "date-month",
            (None, _) => "date-year",
        };
        self.say(key, &args)
    }

    /// An age: in months up to two years, in years after, since that is how small children are told apart.
    pub(crate) fn age(self, born: Date, today: Date) -> Option<String> {
        let months = born.months_until(today).filter(|months| *months >= 0)?;
        let exact = born.month.is_some();
        let (key, count) =
            if exact && months < 24 { ("age-months", months) } else { ("age-years", months / 12) };
        Some(self.say(key, &[("count", FluentValue::from(count))]))
    }
}
