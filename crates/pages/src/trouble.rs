//! Pages for when it does not go on: what happened, whose turn it is, and what to do.

use askama::{Template, filters::Safe};

use crate::{Chrome, safe::filters};

/// What happened, as a person would tell it. Each has three sentences in the catalogue: title, what, next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The app is not registered here.
    UnknownApp,
    /// The app wants to be answered at an address that is not registered.
    UnknownReturnAddress,
    /// The request lacks something or contradicts itself.
    FaultyRequest,
    /// The app asks what it may not ask.
    NotAllowed,
    /// The request or its page is too old.
    Expired,
    /// The form does not belong to this browser's session.
    ForeignForm,
    /// The browser keeps no cookies for us.
    NoCookies,
    /// The launch from the health record system is unknown, used or too old.
    LaunchUnusable,
    /// The person has no record to share here.
    NoRecord,
    /// The signed-in person may not do this.
    NotYours,
    /// Too many requests.
    TooMany,
    /// There is no such page.
    NotFound,
    /// The page does not take this method.
    WrongMethod,
    /// What was sent is too large.
    TooLarge,
    /// A server that we need does not answer.
    ElsewhereDown,
    /// Ours.
    OurFault,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The reader's.
    You,
    /// The app's developer's.
    App,
    /// The organisation's.
    Us,
}

impl Trouble {
    /// Every kind of trouble.
    pub const ALL: [Self; 16] = [
        Self::UnknownApp,
        Self::UnknownReturnAddress,
        Self::FaultyRequest,
        Self::NotAllowed,
        Self::Expired,
        Self::ForeignForm,
        Self::NoCookies,
        Self::LaunchUnusable,
        Self::NoRecord,
        Self::NotYours,
        Self::TooMany,
        Self::NotFound,
        Self::WrongMethod,
        Self::TooLarge,
        Self::ElsewhereDown,
        Self::OurFault,
    ];

    /// Whose turn it is.
    #[must_use]
    pub fn turn(self) -> Turn {
        match self {
            Self::UnknownApp
            | Self::UnknownReturnAddress
            | Self::FaultyRequest
            | Self::NotAllowed => Turn::App,
            Self::Expired
            | Self::ForeignForm
            | Self::NoCookies
            | Self::LaunchUnusable
            | Self::NoRecord
            | Self::NotYours
            | Self::TooMany
            | Self::NotFound
            | Self::WrongMethod
            | Self::TooLarge => Turn::You,
            Self::ElsewhereDown | Self::OurFault => Turn::Us,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::UnknownApp => "unknown-app",
            Self::UnknownReturnAddress => "unknown-return-address",
            Self::FaultyRequest => "faulty-request",
            Self::NotAllowed => "not-allowed",
            Self::Expired => "expired",
            Self::ForeignForm => "foreign-form",
            Self::NoCookies => "no-cookies",
            Self::LaunchUnusable => "launch-unusable",
            Self::NoRecord => "no-record",
            Self::NotYours => "not-yours",
            Self::TooMany => "too-many",
            Self::NotFound => "not-found",
            Self::WrongMethod => "wrong-method",
            Self::TooLarge => "too-large",
            Self::ElsewhereDown => "elsewhere-down",
            Self::OurFault => "our-fault",
        }
    }
}

/// An error that is told to the person, because it must not or cannot be told to the app.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "error/error.html")]
pub struct ErrorPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// What happened.
    pub trouble: Trouble,
    /// The error code of the specification, such as `invalid_request`.
    pub code: String,
    /// What to quote when asking for help.
    pub request_id: String,
    /// The request's parameter at fault, such as `redirect_uri`.
    pub parameter: Option<String>,
    /// The cause in a sentence for developers, in English. Never a secret, never an inner error.
    pub detail: Option<String>,
    /// The app that asked, by name, where it is known.
    pub app: Option<String>,
    /// So long to wait before trying again.
    pub wait_seconds: Option<u32>,
    /// Where to go on: the same page again, or the start. A path on this server.
    pub onward_href: Option<String>,
    /// Where the app's developer finds out more. A path on this server.
    pub explained_href: Option<String>,
}

impl ErrorPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    fn sentence(&self, part: &str) -> Safe<String> {
        self.chrome.t(&format!("trouble-{}-{part}", self.trouble.name()))
    }

    fn turn(&self) -> Safe<String> {
        match self.trouble.turn() {
            Turn::You => self.chrome.t("turn-you"),
            Turn::App => match &self.app {
                Some(app) => self.chrome.with("turn-app-named", &[("app", app)]),
                None => self.chrome.t("turn-app"),
            },
            Turn::Us => self.chrome.with("turn-us", &[("organisation", &self.chrome.brand.name)]),
        }
    }

    fn onward(&self) -> Safe<String> {
        let other_account = self.trouble == Trouble::NotYours;
        self.chrome.t(if other_account { "continue-other" } else { "trouble-onward" })
    }

    fn wait(&self) -> Option<Safe<String>> {
        let wait = self.chrome.lang.wait(self.wait_seconds?);
        Some(crate::safe::said(&self.chrome.lang.say("trouble-wait", &[("wait", wait.into())])))
    }
}

/// Stands before an error is taken back to an app that nobody here has approved, lest we serve as its redirector.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "error/leaving.html")]
pub struct LeavingPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The app's name, as it gave it.
    pub app: String,
    /// The host that the link leads to.
    pub host: String,
    /// The whole address, from the one maker of redirects.
    pub href: String,
    /// The error code that it carries.
    pub code: String,
    /// What to quote when asking for help.
    pub request_id: String,
}

impl LeavingPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }
}

/// The one page that may be framed: it has no form, and leads out of the frame.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "error/new-window.html")]
pub struct NewWindowPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The app that asked, by name.
    pub app: Option<String>,
    /// The same request, for a window of its own.
    pub href: String,
}

/// An answer to an app that the browser posts (OAuth 2.0 Form Post Response Mode). Without scripts, the person does.
#[derive(Clone, PartialEq, Eq, Template)]
#[template(path = "error/form-post.html")]
pub struct FormPostPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The app, by name.
    pub app: String,
    /// Its redirect URI.
    pub action: String,
    /// Names and values of the answer.
    pub fields: Vec<(&'static str, String)>,
}

impl FormPostPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }
}

impl NewWindowPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }
}
