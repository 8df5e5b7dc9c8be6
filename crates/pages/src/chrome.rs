//! What every page shares: its language, whose it is, and the names that people go by.

use askama::filters::Safe;
use fluent_bundle::FluentValue;

use crate::{
    assets,
    lang::{Date, Language},
    safe::{own_path, said, web_link},
};

/// What every page shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chrome {
    /// The language that the page is written in.
    pub lang: Language,
    /// The organisation whose page this is.
    pub brand: Brand,
    /// The path under which the issuer is mounted, without a slash at its end; empty at the root.
    pub base: String,
    /// The token that every form of the page sends back as `csrf`.
    pub csrf: Option<String>,
    /// The name of the person who is signed in.
    pub signed_in_as: Option<String>,
}

/// The organisation that a page belongs to, as its configuration says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brand {
    /// Its name.
    pub name: String,
    /// Its logo, a path on this server. Our mark stands in when there is none.
    pub logo: Option<String>,
    /// A style sheet with its own accent, a path on this server.
    pub theme: Option<String>,
    /// Where people find help: a telephone number, an address, a sentence.
    pub support: Option<Support>,
}

/// Where people find help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Support {
    /// What to read, such as `help@example.org`.
    pub words: String,
    /// Where it leads: `mailto:`, `tel:` or a web address. Others are not linked.
    pub href: Option<String>,
}

impl Support {
    pub(crate) fn link(&self) -> Option<&str> {
        let href = self.href.as_deref()?;
        let reach = href.starts_with("mailto:") || href.starts_with("tel:");
        if reach { Some(href) } else { web_link(href) }
    }
}

impl Chrome {
    /// A page of an organisation in a language, at the root, with nobody signed in.
    #[must_use]
    pub fn new(lang: Language, organisation: impl Into<String>) -> Self {
        let brand = Brand { name: organisation.into(), ..Brand::default() };
        Self { lang, brand, base: String::new(), csrf: None, signed_in_as: None }
    }

    pub(crate) fn t(&self, key: &str) -> Safe<String> {
        said(&self.lang.say(key, &[]))
    }

    pub(crate) fn with(&self, key: &str, args: &[(&str, &str)]) -> Safe<String> {
        said(&self.lang.with(key, args))
    }

    pub(crate) fn asset(&self, name: &str) -> String {
        format!("{}{}", self.base, assets::href(name))
    }

    pub(crate) fn logo(&self) -> String {
        let own = self.brand.logo.as_deref().and_then(own_path);
        own.map_or_else(|| self.asset("mark.svg"), str::to_owned)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand on references to fields")]
impl Chrome {
    pub(crate) fn count(&self, key: &str, count: &usize) -> Safe<String> {
        said(&self.lang.say(key, &[("count", FluentValue::from(*count))]))
    }

    pub(crate) fn date(&self, date: &Date) -> Safe<String> {
        said(&self.lang.date(*date))
    }

    pub(crate) fn day_of(&self, unix: &i64) -> Safe<String> {
        said(&self.lang.date(Date::of_unix(*unix)))
    }

    pub(crate) fn ago(&self, then: &i64, now: &i64) -> Safe<String> {
        said(&self.lang.ago(*then, *now))
    }
}

/// Administrative sex, as records have it (FHIR `administrative-gender`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// `female`
    Female,
    /// `male`
    Male,
    /// `other`
    Other,
    /// `unknown`, or nothing recorded.
    Unknown,
}

impl Sex {
    /// Reads the FHIR code; anything else is [`Sex::Unknown`].
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code {
            "female" => Self::Female,
            "male" => Self::Male,
            "other" => Self::Other,
            _ => Self::Unknown,
        }
    }

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Female => "sex-female",
            Self::Male => "sex-male",
            Self::Other => "sex-other",
            Self::Unknown => "sex-unknown",
        }
    }
}

/// A person as far as a page needs to tell them from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name they are called by.
    pub name: String,
    /// When they were born, as precisely as the record says.
    pub born: Option<Date>,
}

/// The first letter of a name, for a tile where there is no picture.
pub(crate) fn initial(name: &str) -> String {
    let first = name.chars().find(|c| c.is_alphanumeric());
    first.map_or_else(|| "•".to_owned(), |c| c.to_uppercase().collect())
}
