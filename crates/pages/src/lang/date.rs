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

    /// Reads a whole day as people write it in a search: besides `1979-03-04` also `4.3.1979`, and `3/4/1979` with the
    /// month first or second, whichever it can be; where it can be either, `month_first` decides.
    #[must_use]
    pub fn typed(text: &str, month_first: bool) -> Option<Self> {
        if let Some(date) = Self::parse(text).filter(|date| date.month.is_some()) {
            return Some(date);
        }
        let slashed = text.contains('/');
        let numbers: Option<Vec<i32>> =
            text.split(if slashed { '/' } else { '.' }).map(|part| part.parse().ok()).collect();
        let [one, two, year] = numbers?.as_slice().try_into().ok()?;
        let whole = |day: i32, month: i32| {
            Self::parse(&format!("{year:04}-{month:02}-{day:02}")).filter(|_| year > 999)
        };
        let (day_first, swapped) = (whole(one, two), whole(two, one));
        if !slashed {
            return day_first;
        }
        if month_first { swapped.or(day_first) } else { day_first.or(swapped) }
    }

    /// Whole days until a later date. Of what is not known exactly, this is the least.
    #[must_use]
    pub fn days_until(self, later: Self) -> Option<i64> {
        let first = |date: Self| {
            let month = Month::try_from(date.month.unwrap_or(1)).ok()?;
            time::Date::from_calendar_date(date.year, month, date.day.unwrap_or(1)).ok()
        };
        let last = |date: Self| {
            let month = Month::try_from(date.month.unwrap_or(12)).ok()?;
            let day = date.day.unwrap_or_else(|| month.length(date.year));
            time::Date::from_calendar_date(date.year, month, day).ok()
        };
        Some((first(later)? - last(self)?).whole_days())
    }

    /// As FHIR writes it.
    #[must_use]
    pub fn to_fhir(self) -> String {
        let parts = [self.month, self.day].into_iter().flatten();
        parts.fold(format!("{:04}", self.year), |text, part| format!("{text}-{part:02}"))
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
