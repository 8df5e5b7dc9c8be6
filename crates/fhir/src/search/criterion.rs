//! One value of a search parameter: how it is read, and what it holds of.

use super::query;
use crate::definitions::{Kind, Param};
use crate::index::{IndexValue, date, fold, sound};
use crate::reference::{Reference, below, is_id};

/// What one value of a resource must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Criterion {
    /// `code`, `system|code`, `|code` or `system|`.
    Token {
        /// The system: anyone's, or this one; an empty one means that there is none.
        system: Option<String>,
        /// The code, or any.
        code: Option<String>,
    },
    /// Text.
    Text {
        /// Where it must stand.
        how: TextMatch,
        /// The text: folded, unless it must be exact.
        text: String,
    },
    /// This URI.
    Uri(String),
    /// This URI, or one below it: `:below`.
    UriBelow(String),
    /// A stretch of time, in milliseconds, both ends included.
    Date(Comparison<i64>),
    /// A reference.
    Reference {
        /// The type; any, or this one; an empty one means a URL.
        kind: Option<String>,
        /// The id, or the URL.
        id: String,
    },
    /// A number with a unit.
    Quantity {
        /// The number: `low..high` is what rounds to it as written.
        number: Comparison<f64>,
        /// The system of the unit: any, or this one.
        system: Option<String>,
        /// The unit: any, or this one.
        code: Option<String>,
    },
    /// Two values that stand together.
    Pair(Box<[Criterion; 2]>),
}

/// Where a text must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextMatch {
    /// At the start of the value.
    Start,
    /// Anywhere: `:contains`.
    Anywhere,
    /// It is the value, case and accents and all: `:exact`.
    Exact,
}

/// A prefix and the range that the written value stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison<T> {
    /// How values compare to the range.
    pub prefix: Prefix,
    /// The low end.
    pub low: T,
    /// The high end.
    pub high: T,
}

/// How a value compares to what was written (§3.1.1.4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// `eq`: within the range.
    Equal,
    /// `ne`: not within the range.
    NotEqual,
    /// `gt`: reaches above the range.
    Greater,
    /// `lt`: reaches below the range.
    Less,
    /// `ge`: `gt` or `eq`.
    GreaterOrEqual,
    /// `le`: `lt` or `eq`.
    LessOrEqual,
    /// `sa`: wholly above the range.
    StartsAfter,
    /// `eb`: wholly below the range.
    EndsBefore,
    /// `ap`: overlaps the range.
    Approximately,
}

impl Criterion {
    /// Reads one alternative of a value. `base` is the URL of this server.
    pub(super) fn parse(param: &Param, kind: Modifier, text: &str, base: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        match (param.kind, kind) {
            (Kind::Token, Modifier::Words) => Some(string(kind, text)),
            (Kind::Token, _) | (Kind::Reference, Modifier::Identifier) => token(text),
            (Kind::String, _) if param.is_phonetic() => phonetic(text),
            (Kind::String, _) => Some(string(kind, text)),
            (Kind::Uri, Modifier::Below) => Some(Self::UriBelow(query::unescape(text))),
            (Kind::Uri, _) => Some(Self::Uri(query::unescape(text))),
            (Kind::Date, _) => moment(text).map(Self::Date),
            (Kind::Reference, _) => reference(param, kind, text, base),
            (Kind::Quantity, _) => quantity(text),
            (Kind::Composite, _) => pair(param, text, base),
        }
    }

    /// Whether a value meets this.
    pub(super) fn holds(&self, value: &IndexValue) -> bool {
        match (self, value) {
            (Self::Token { system, code }, IndexValue::Token { system: s, code: c }) => {
                agrees(system.as_ref(), s) && agrees(code.as_ref(), c)
            }
            (Self::Text { how, text }, IndexValue::String { folded, exact }) => match how {
                TextMatch::Start => folded.starts_with(text.as_str()),
                TextMatch::Anywhere => folded.contains(text.as_str()),
                TextMatch::Exact => exact == text,
            },
            (Self::Uri(uri), IndexValue::Uri(value)) => uri == value,
            (Self::UriBelow(uri), IndexValue::Uri(value)) => {
                let rest = value.strip_prefix(uri.as_str());
                rest.is_some_and(|rest| {
                    uri.ends_with('/') || rest.is_empty() || rest.starts_with('/')
                })
            }
            (Self::Date(asked), IndexValue::Date { low, high }) => asked.holds(*low, *high),
            (Self::Reference { kind, id }, IndexValue::Reference { kind: k, id: i }) => {
                agrees(kind.as_ref(), k) && id == i
            }
            (
                Self::Quantity { number, system, code },
                IndexValue::Quantity { value, system: s, code: c },
            ) => number.holds(*value) && agrees(system.as_ref(), s) && agrees(code.as_ref(), c),
            (Self::Pair(asked), IndexValue::Pair(found)) => {
                asked.iter().zip(found.iter()).all(|(asked, found)| asked.holds(found))
            }
            _ => false,
        }
    }
}

impl Comparison<i64> {
    /// Whether the stretch from `low` to `high` compares so.
    #[must_use]
    pub fn holds(&self, low: i64, high: i64) -> bool {
        let within = self.low <= low && high <= self.high;
        match self.prefix {
            Prefix::Equal => within,
            Prefix::NotEqual => !within,
            Prefix::Greater => high > self.high,
            Prefix::Less => low < self.low,
            Prefix::GreaterOrEqual => high > self.high || within,
            Prefix::LessOrEqual => low < self.low || within,
            Prefix::StartsAfter => low > self.high,
            Prefix::EndsBefore => high < self.low,
            Prefix::Approximately => low <= self.high && high >= self.low,
        }
    }
}

impl Comparison<f64> {
    /// Whether the number compares so. `low` belongs to the range, `high` does not; where precision
    /// plays no part (`gt`, `lt`, `ge`, `le`, `sa`, `eb`) both ends are the number as written.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        let within = self.low <= value && value < self.high;
        match self.prefix {
            Prefix::Equal | Prefix::Approximately => within,
            Prefix::NotEqual => !within,
            Prefix::Greater | Prefix::StartsAfter => value > self.high,
            Prefix::Less | Prefix::EndsBefore => value < self.low,
            Prefix::GreaterOrEqual => value >= self.low,
            Prefix::LessOrEqual => value <= self.high,
        }
    }
}

/// What stands after the `:` of a parameter, as far as it bears on single values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Modifier {
    None,
    Exact,
    Contains,
    /// `subject:Patient=…`
    Type(&'static str),
    /// `code:text=…`
    Words,
    /// `subject:identifier=…`
    Identifier,
    /// `url:below=…`
    Below,
    /// `url:above=…`
    Above,
}

fn agrees(asked: Option<&String>, found: &str) -> bool {
    asked.is_none_or(|asked| asked == found)
}

fn token(text: &str) -> Option<Criterion> {
    let parts = query::split(text, '|');
    match parts.as_slice() {
        [code] => Some(Criterion::Token { system: None, code: Some(query::unescape(code)) }),
        // `|` alone asks for nothing.
        [system, code, ..] if !(system.is_empty() && code.is_empty()) => Some(Criterion::Token {
            system: Some(query::unescape(system)),
            code: (!code.is_empty()).then(|| query::unescape(code)),
        }),
        _ => None,
    }
}

fn phonetic(text: &str) -> Option<Criterion> {
    let text = sound(&fold(&query::unescape(text)));
    (!text.is_empty()).then_some(Criterion::Text { how: TextMatch::Exact, text })
}

/// `code$value`
fn pair(param: &Param, text: &str, base: &str) -> Option<Criterion> {
    let [first, second] = &param.together.first()?.parts;
    let halves = query::split(text, '$');
    let [one, two] = halves.as_slice() else { return None };
    let one = Criterion::parse(first, Modifier::None, one, base)?;
    let two = Criterion::parse(second, Modifier::None, two, base)?;
    Some(Criterion::Pair(Box::new([one, two])))
}

fn string(modifier: Modifier, text: &str) -> Criterion {
    let text = query::unescape(text);
    let (how, text) = match modifier {
        Modifier::Exact => (TextMatch::Exact, text),
        Modifier::Contains => (TextMatch::Anywhere, fold(&text)),
        Modifier::None
        | Modifier::Type(_)
        | Modifier::Words
        | Modifier::Identifier
        | Modifier::Below
        | Modifier::Above => (TextMatch::Start, fold(&text)),
    };
    Criterion::Text { how, text }
}

fn reference(param: &Param, modifier: Modifier, text: &str, base: &str) -> Option<Criterion> {
    let text = query::unescape(text);
    let local = below(&text, base).unwrap_or(&text);
    let wanted = match modifier {
        Modifier::Type(kind) => Some(kind),
        Modifier::None
        | Modifier::Exact
        | Modifier::Contains
        | Modifier::Words
        | Modifier::Identifier
        | Modifier::Below
        | Modifier::Above => param.only_target(),
    };
    if is_id(local) {
        return Some(Criterion::Reference {
            kind: wanted.map(str::to_owned),
            id: local.to_owned(),
        });
    }
    let found = Reference::parse(local)?;
    let agrees = found.kind.is_empty() || wanted.is_none_or(|wanted| wanted == found.kind);
    agrees.then_some(Criterion::Reference { kind: Some(found.kind), id: found.id })
}

fn moment(text: &str) -> Option<Comparison<i64>> {
    let (prefix, rest) = prefix(text);
    let (low, high) = date::span(rest)?;
    Some(Comparison { prefix, low, high })
}

/// `5.4`, `5.4|system|code` or `5.4||unit`.
fn quantity(text: &str) -> Option<Criterion> {
    let mut parts = query::split(text, '|').into_iter();
    let number = number(&parts.next()?)?;
    let mut part =
        || parts.next().filter(|part| !part.is_empty()).map(|part| query::unescape(&part));
    let (system, code) = (part(), part());
    parts.next().is_none().then_some(Criterion::Quantity { number, system, code })
}

fn number(text: &str) -> Option<Comparison<f64>> {
    let (prefix, digits) = prefix(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || b".-+eE".contains(&byte));
    let value: f64 = digits.parse().ok().filter(|value: &f64| plain && value.is_finite())?;
    let spread = match prefix {
        Prefix::Equal | Prefix::NotEqual => half_of_last_digit(digits)?,
        Prefix::Approximately => value.abs() / 10.0,
        Prefix::Greater
        | Prefix::Less
        | Prefix::GreaterOrEqual
        | Prefix::LessOrEqual
        | Prefix::StartsAfter
        | Prefix::EndsBefore => 0.0,
    };
    Some(Comparison { prefix, low: value - spread, high: value + spread })
}

/// `5.4` means from 5.35 up to 5.45 (§3.1.1.4.11).
fn half_of_last_digit(digits: &str) -> Option<f64> {
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let exponent = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(decimals).ok()?)?;
    Some(0.5 * 10f64.powi(exponent))
}

fn prefix(text: &str) -> (Prefix, &str) {
    let found =
        PREFIXES.iter().find_map(|(word, prefix)| Some((*prefix, text.strip_prefix(word)?)));
    found.unwrap_or((Prefix::Equal, text))
}

const PREFIXES: [(&str, Prefix); 9] = [
    ("eq", Prefix::Equal),
    ("ne", Prefix::NotEqual),
    ("gt", Prefix::Greater),
    ("lt", Prefix::Less),
    ("ge", Prefix::GreaterOrEqual),
    ("le", Prefix::LessOrEqual),
    ("sa", Prefix::StartsAfter),
    ("eb", Prefix::EndsBefore),
    ("ap", Prefix::Approximately),
];
