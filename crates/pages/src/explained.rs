//! Where `error_uri` leads: what an error code means, and what happened in this very request. For developers.

use askama::{Template, filters::Safe};

use crate::{
    Chrome, Language,
    safe::{filters, said},
};

/// An error explained. It shows nothing of a patient or a person: whoever has the link may read it.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "error/explained.html")]
pub struct ExplainedPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The error code of the specification, such as `invalid_scope`.
    pub code: String,
    /// The code again, by which its meaning is found in the catalogue.
    pub meaning: &'static str,
    /// What happened in one request.
    pub happened: Option<Happened>,
    /// The link names a request of which nothing is kept any more.
    pub forgotten: bool,
}

/// What happened in one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// The sentence that the app was told, in English.
    pub description: String,
    /// `client_id`, where it is known.
    pub client: Option<String>,
    /// What to quote when asking for help.
    pub request_id: String,
    /// When it was refused, in seconds since 1970.
    pub at: i64,
    /// What time it is.
    pub now: i64,
    /// Parameters that were not what they must be.
    pub differences: Vec<Difference>,
    /// Scopes that cannot be granted.
    pub lost: Vec<Lost>,
    /// What had happened before.
    pub causes: Vec<Cause>,
}

/// A parameter that was not what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name.
    pub parameter: String,
    /// What was sent, if anything.
    pub sent: Option<String>,
    /// What would do.
    pub expected: Vec<String>,
}

/// A scope that was asked and not granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// As it was asked.
    pub scope: String,
    /// The name of the reason, such as `registration`.
    pub reason: &'static str,
    /// More of it, in English.
    pub more: Option<String>,
}

/// What had happened before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Its name, such as `code-used`.
    pub name: &'static str,
    /// The capability that is turned off.
    pub capability: String,
}

impl ExplainedPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    fn sentence(&self) -> Safe<String> {
        self.chrome.t(&format!("error-{}", self.meaning))
    }

    fn reason(&self, lost: &Lost) -> Safe<String> {
        said(&reason(self.chrome.lang, lost.reason))
    }

    fn cause(&self, cause: &Cause) -> Safe<String> {
        let capability = ("capability", cause.capability.as_str());
        self.chrome.with(&format!("cause-{}", cause.name), &[capability])
    }
}

/// Why a scope was not granted, in a sentence; `name` is the name of the reason.
#[must_use]
pub fn reason(lang: Language, name: &str) -> String {
    lang.say(&format!("reason-{name}"), &[])
}

/// Whether a refresh token came with a grant, and why not; `name` is `offline`, `online`, `not-asked` or `dropped`.
#[must_use]
pub fn refresh(lang: Language, name: &str) -> String {
    lang.say(&format!("refresh-{name}"), &[])
}
