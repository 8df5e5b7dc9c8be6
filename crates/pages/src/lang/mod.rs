//! The languages, how one is chosen, and how words, dates and times are written in it.

mod catalogue;
mod date;
mod pseudo;

pub use date::Date;

use fluent_bundle::FluentValue;

/// A language that pages are written in. Adding one: a variant, its catalogue in `templates/lang/`, a line in `catalogue.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, with the day before the month.
    #[default]
    English,
    /// English as written in the United States.
    AmericanEnglish,
    /// Spanish.
    Spanish,
    /// Accented and lengthened English: shows strings that are missing from the catalogue, and space that is too small.
    Accented,
    /// English in Arabic letters, from right to left.
    Mirrored,
}

/// A sentence of the catalogue with its arguments, as `scopes` describes a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its key in the catalogue.
    pub key: &'static str,
    /// What it speaks of, by name.
    pub args: Vec<(&'static str, String)>,
}

/// A sentence of the catalogue as plain text, not escaped.
#[must_use]
pub fn text(lang: Language, key: &str, args: &[(&str, String)]) -> String {
    let args: Vec<_> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
    lang.with(key, &args)
}

impl Message {
    /// The sentence as plain text, not escaped; for a scope, with the kinds of record by name.
    #[must_use]
    pub fn text(&self, lang: Language) -> String {
        crate::consent::sentence(lang, self)
    }
}

/// Arguments by which a catalogue chooses between wordings: compared exactly, so never isolated.
const SELECTORS: [&str; 6] = ["level", "resource", "kind", "type", "role", "writes"];

impl Language {
    /// Every language, in order of preference where a tag fits several.
    pub const ALL: [Self; 5] =
        [Self::English, Self::AmericanEnglish, Self::Spanish, Self::Accented, Self::Mirrored];

    /// Its BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::AmericanEnglish => "en-US",
            Self::Spanish => "es",
            Self::Accented => "en-XA",
            Self::Mirrored => "ar-XB",
        }
    }

    /// The direction it is written in, for the `dir` attribute.
    #[must_use]
    pub fn dir(self) -> &'static str {
        match self {
            Self::English | Self::AmericanEnglish | Self::Spanish | Self::Accented => "ltr",
            Self::Mirrored => "rtl",
        }
    }

    /// Chooses by `ui_locales` (OpenID Connect Core §3.1.2.1), then by `Accept-Language` (RFC 9110 §12.5.4), then English.
    ///
    /// A tag is shortened from its end until a language fits (RFC 4647 §3.4). The two pseudo-languages answer
    /// to their exact tags only.
    #[must_use]
    pub fn negotiate(accept_language: Option<&str>, ui_locales: Option<&str>) -> Self {
        let wished = ui_locales.unwrap_or_default().split_whitespace().map(str::to_owned);
        let accepted = by_quality(accept_language.unwrap_or_default());
        wished
            .chain(accepted)
            .take(MOST_TAGS)
            .find_map(|tag| Self::look_up(&tag))
            .unwrap_or_default()
    }

    fn look_up(wished: &str) -> Option<Self> {
        if let Some(exact) = Self::ALL.into_iter().find(|l| l.tag().eq_ignore_ascii_case(wished)) {
            return Some(exact);
        }
        let (shorter, _) = wished.rsplit_once('-')?;
        Self::look_up(shorter)
    }

    pub(crate) fn with(self, key: &str, args: &[(&str, &str)]) -> String {
        let value = |name: &str, value| {
            if SELECTORS.contains(&name) {
                crate::safe::tame(value).into()
            } else {
                self.quote(value)
            }
        };
        let args: Vec<_> = args.iter().map(|(name, raw)| (*name, value(name, raw))).collect();
        self.say(key, &args)
    }

    pub(crate) fn say(self, key: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        catalogue::say(self, key, args)
    }

    /// A value from outside within a sentence: tamed, and isolated where its direction could differ from the sentence's.
    pub(crate) fn quote(self, value: &str) -> FluentValue<'static> {
        let tame = crate::safe::tame(value);
        let foreign = self == Self::Mirrored || tame.chars().any(right_to_left);
        let quoted = if foreign { format!("\u{2068}{tame}\u{2069}") } else { tame.into_owned() };
        FluentValue::from(quoted)
    }

    /// How long ago something happened, in words that need no time zone; a date once it is more than a month.
    pub(crate) fn ago(self, then: i64, now: i64) -> String {
        let seconds = now.saturating_sub(then).max(0);
        let (key, count) = match seconds {
            0..90 => ("ago-now", 0),
            90..5_400 => ("ago-minutes", seconds / 60),
            5_400..129_600 => ("ago-hours", (seconds + 1_800) / 3_600),
            129_600..2_678_400 => ("ago-days", (seconds + 43_200) / 86_400),
            _ => return self.date(Date::of_unix(then)),
        };
        self.say(key, &[("count", FluentValue::from(count))])
    }

    /// A length of time that somebody has to wait.
    /// Whether dates in figures have the month before the day.
    #[must_use]
    pub fn month_first(self) -> bool {
        matches!(self, Self::AmericanEnglish)
    }

    pub(crate) fn wait(self, seconds: u32) -> String {
        let (key, count) = match seconds {
            0..90 => ("wait-seconds", seconds),
            90..5_400 => ("wait-minutes", seconds.div_ceil(60)),
            _ => ("wait-hours", seconds.div_ceil(3_600)),
        };
        self.say(key, &[("count", FluentValue::from(count))])
    }
}

/// So many tags are looked at, and no more.
const MOST_TAGS: usize = 20;

fn by_quality(header: &str) -> Vec<String> {
    let mut tags: Vec<(u16, &str)> =
        header.split(',').take(MOST_TAGS).filter_map(weighed).collect();
    tags.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
    tags.into_iter().map(|(_, tag)| tag.to_owned()).collect()
}

/// `es;q=0.8` is 800 and `es`. What is not understood, and quality 0, is not wanted.
fn weighed(item: &str) -> Option<(u16, &str)> {
    let (tag, rest) = item.split_once(';').unwrap_or((item, ""));
    let Some(quality) = rest.trim().strip_prefix("q=") else { return Some((1000, tag.trim())) };
    let (whole, fraction) = quality.trim().split_once('.').unwrap_or((quality.trim(), ""));
    if whole == "1" {
        return Some((1000, tag.trim()));
    }
    let thousandths: u16 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    (thousandths > 0).then_some((thousandths, tag.trim()))
}

fn right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests;
