//! Who looked at a record: by day and person.

use askama::{Template, filters::Safe};

use crate::{
    Chrome,
    account::Nav,
    safe::{filters, said, tame},
};

/// Who looked at a record.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account/looks.html")]
pub struct LooksPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The addresses of the account.
    pub nav: Nav,
    /// The records that the reader may see this of.
    pub records: Vec<RecordChoice>,
    /// Where the form is sent: this page.
    pub action: String,
    /// The span that is shown: one of [`SPANS`].
    pub span: &'static str,
    /// What is shown of it.
    pub shown: Shown,
    /// Where older events are.
    pub earlier_href: Option<String>,
    /// The same as a table.
    pub csv_href: String,
    /// Whether the server's own look-ups are shown, and where they are shown or left out.
    pub own: (bool, String),
}

/// The spans that can be chosen, in days, and `all`.
pub const SPANS: [&str; 4] = ["7", "30", "365", "all"];

/// A record that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordChoice {
    /// What the form sends.
    pub value: String,
    /// It is the reader's own.
    pub own: bool,
    /// The patient's name, where it is known now.
    pub name: Option<String>,
    /// The patient's id.
    pub number: String,
    /// It is the one that is shown.
    pub chosen: bool,
}

/// What is shown of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// The reader has no record here.
    NoRecord,
    /// The record's server does not answer.
    Down,
    /// These days, the newest first.
    Days(Vec<LooksDay>),
}

/// A day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooksDay {
    /// A time of it, in seconds since 1970.
    pub at: i64,
    /// Who looked, and with what.
    pub people: Vec<Looker>,
}

/// A person with an app, on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looker {
    /// Who.
    pub who: Who,
    /// With which app, by name.
    pub app: Option<String>,
    /// The headings of what was looked at, such as `records-medicines`.
    pub saw: Vec<&'static str>,
    /// Of what was changed.
    pub changed: Vec<&'static str>,
    /// Of what was tried and refused.
    pub refused: Vec<&'static str>,
    /// How often.
    pub count: usize,
    /// The first and the last time, in seconds since 1970.
    pub times: (i64, i64),
    /// The network addresses.
    pub from: Vec<String>,
}

/// Whom an event names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// The reader.
    You,
    /// Somebody by name.
    Named(String),
    /// Somebody whose name is not known any more, by id.
    Unknown(String),
    /// Nobody: an app by itself.
    App,
    /// Whoever it was did not show it.
    Nobody,
}

impl LooksPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    fn spans(&self) -> impl Iterator<Item = (&'static str, Safe<String>, bool)> {
        let label = |span: &str| self.chrome.t(&format!("looks-span-{span}"));
        SPANS.into_iter().map(move |span| (span, label(span), span == self.span))
    }

    fn called(&self, record: &RecordChoice) -> Safe<String> {
        match (&record.name, record.own) {
            (_, true) => self.chrome.t("looks-your-own"),
            (Some(name), false) => said(&tame(name)),
            (None, false) => self.chrome.with("looks-record", &[("number", &record.number)]),
        }
    }

    fn who(&self, looker: &Looker) -> Safe<String> {
        match &looker.who {
            Who::You => self.chrome.t("looks-you"),
            Who::Named(name) => said(&tame(name)),
            Who::Unknown(id) => self.chrome.with("looks-person", &[("id", id)]),
            Who::App => self.chrome.t("looks-alone"),
            Who::Nobody => self.chrome.t("looks-nobody"),
        }
    }

    fn list(&self, headings: &[&str]) -> Safe<String> {
        let words: Vec<_> =
            headings.iter().map(|heading| self.chrome.lang.say(heading, &[])).collect();
        said(&words.join(" · "))
    }

    fn when(&self, looker: &Looker) -> Safe<String> {
        let (first, last) = (clock(looker.times.0), clock(looker.times.1));
        let count = fluent_bundle::FluentValue::from(looker.count);
        let key = if first == last { "looks-minute" } else { "looks-times" };
        let args = [("count", count), ("first", first.into()), ("last", last.into())];
        said(&self.chrome.lang.say(key, &args))
    }

    #[expect(clippy::unused_self, reason = "templates call methods")]
    fn from(&self, looker: &Looker) -> Safe<String> {
        let from: Vec<_> = looker.from.iter().map(|address| tame(address)).collect();
        said(&from.join(", "))
    }
}

/// Hours and minutes in UTC.
fn clock(unix: i64) -> String {
    let minutes = unix.rem_euclid(86_400) / 60;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
