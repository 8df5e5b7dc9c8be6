//! What people do with their account: connected apps, and 'I lost a device'.

use askama::{Template, filters::Safe};

use crate::{
    Chrome, Message,
    consent::{label, of_owner},
    safe::{filters, own_path, said},
};

/// The addresses that the pages of the account share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nav {
    /// The start of the account.
    pub home_href: String,
    /// The connected apps.
    pub apps_href: String,
    /// Choosing a new password.
    pub password_href: String,
    /// Who looked at a record.
    pub looks_href: String,
    /// The sessions and devices.
    pub devices_href: String,
    /// Where one signs out (a page that asks first).
    pub sign_out_href: String,
}

/// The start of the account.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account/home.html")]
pub struct AccountPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The addresses of the account.
    pub nav: Nav,
    /// So many apps are connected.
    pub apps: usize,
    /// So many sessions are open.
    pub sessions: usize,
}

/// The connected apps.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account/apps.html")]
pub struct AppsPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The addresses of the account.
    pub nav: Nav,
    /// The apps, the last used first.
    pub apps: Vec<ConnectedApp>,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// An app that was allowed something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedApp {
    /// Its name.
    pub name: String,
    /// Its logo, a path on this server.
    pub logo: Option<String>,
    /// Who made it, as registered.
    pub publisher: Option<String>,
    /// Whose record, by name, when it is somebody else's and the name is known now.
    pub whose: Option<String>,
    /// The id of that record.
    pub record: Option<String>,
    /// It is the reader's own record.
    pub own: bool,
    /// What it may see, a heading each.
    pub sees: Vec<Reach>,
    /// What it may change, likewise.
    pub changes: Vec<Reach>,
    /// When it was allowed, in seconds since 1970.
    pub since: i64,
    /// When it last got in.
    pub last_used: Option<i64>,
    /// When its access ends by itself.
    pub until: Option<i64>,
    /// It may come by itself, when the person is not there.
    pub offline: bool,
    /// The scopes exactly.
    pub scopes: Vec<String>,
    /// Where to disconnect it (a page that asks first).
    pub disconnect_href: String,
}

/// What an app reaches under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The key of the heading, such as `records-medicines`.
    pub heading: &'static str,
    /// Where the heading would say too much, what is reached instead: descriptions that `scopes` gives.
    pub parts: Vec<Message>,
}

impl ConnectedApp {
    fn initial(&self) -> String {
        crate::chrome::initial(&self.name)
    }

    fn own_logo(&self) -> Option<&str> {
        self.logo.as_deref().and_then(own_path)
    }
}

impl AppsPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    /// Headings side by side: several have an 'and' of their own, so a sentence of them would be read wrongly.
    fn list(&self, app: &ConnectedApp, reaches: &[Reach]) -> Safe<String> {
        let lang = self.chrome.lang;
        let words = |reach: &Reach| match reach.parts.as_slice() {
            [] => vec![lang.say(of_owner(reach.heading, app.own), &[])],
            parts => parts.iter().map(|part| label(lang, part)).collect(),
        };
        said(&reaches.iter().flat_map(words).collect::<Vec<_>>().join(" · "))
    }
}

/// Asks before an app is disconnected.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account/disconnect.html")]
pub struct DisconnectPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The addresses of the account.
    pub nav: Nav,
    /// The app's name.
    pub app: String,
    /// Where the form is posted.
    pub action: String,
    /// The longest that a token already handed out stays good, in seconds.
    pub bound_seconds: u32,
}

/// The sessions: 'I lost a device'.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account/devices.html")]
pub struct DevicesPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The addresses of the account.
    pub nav: Nav,
    /// The sessions, this one first.
    pub sessions: Vec<Session>,
    /// Where to end everything (a page that asks first).
    pub end_all_href: String,
    /// The time, in seconds since 1970.
    pub now: i64,
}

/// A session, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The browser, such as `Chrome`; none when it did not say.
    pub browser: Option<String>,
    /// The system, such as `Windows`.
    pub system: Option<String>,
    /// Where it was seen, such as a town or an address.
    pub place: Option<String>,
    /// When it began, in seconds since 1970.
    pub began: i64,
    /// When it was last seen.
    pub last_seen: i64,
    /// It is the one that reads this page.
    pub current: bool,
    /// Where to end it: posted with `csrf`.
    pub end_action: String,
}

impl DevicesPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    fn device(&self, session: &Session) -> Safe<String> {
        match (&session.browser, &session.system) {
            (Some(browser), Some(system)) => {
                self.chrome.with("device-browser-on", &[("browser", browser), ("system", system)])
            }
            (Some(one), None) | (None, Some(one)) => {
                self.chrome.with("device-one", &[("name", one)])
            }
            (None, None) => self.chrome.t("device-unknown"),
        }
    }
}

/// Asks before every session and every app's access is ended.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account/end-all.html")]
pub struct EndAllPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The addresses of the account.
    pub nav: Nav,
    /// Where the form is posted.
    pub action: String,
    /// So many sessions are open, this one included.
    pub sessions: usize,
    /// So many apps are connected.
    pub apps: usize,
    /// The longest that a token already handed out stays good, in seconds.
    pub bound_seconds: u32,
}

/// Says what ended, and when it takes effect everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account/receipt.html")]
pub struct ReceiptPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The addresses of the account; none when the reader's own session has ended too.
    pub nav: Option<Nav>,
    /// What ended.
    pub ended: Ended,
    /// The longest that a token already handed out stays good, in seconds; 0 when none does.
    pub bound_seconds: u32,
    /// What to quote when asking for help.
    pub request_id: String,
    /// Where to sign in again, when the reader's own session has ended too.
    pub sign_in_href: Option<String>,
    /// Where to choose a new password, when the old one may be known to somebody.
    pub password_href: Option<String>,
}

/// What ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// An app's access.
    App {
        /// Its name.
        name: String,
    },
    /// A session on another device.
    Session,
    /// All of it.
    Everything {
        /// So many sessions.
        sessions: usize,
        /// So many apps.
        apps: usize,
    },
    /// What went with an old password.
    Password {
        /// So many sessions on other devices.
        sessions: usize,
        /// So many apps.
        apps: usize,
    },
}

impl ReceiptPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    fn heading(&self) -> Safe<String> {
        match &self.ended {
            Ended::App { name } => self.chrome.with("receipt-app-title", &[("app", name)]),
            Ended::Session => self.chrome.t("receipt-session-title"),
            Ended::Everything { .. } => self.chrome.t("receipt-all-title"),
            Ended::Password { .. } => self.chrome.t("receipt-password-title"),
        }
    }

    /// What ended, a line each.
    fn lines(&self) -> Vec<Safe<String>> {
        match &self.ended {
            Ended::App { .. } => vec![self.chrome.t("receipt-app-line")],
            Ended::Session => vec![self.chrome.t("receipt-session-line")],
            Ended::Everything { sessions, apps } => vec![
                self.chrome.count("receipt-all-sessions", sessions),
                self.chrome.count("receipt-all-apps", apps),
            ],
            Ended::Password { sessions, apps } => vec![
                self.chrome.count("receipt-password-sessions", sessions),
                self.chrome.count("receipt-all-apps", apps),
            ],
        }
    }

    /// When it takes effect; nothing where there was no app to stop.
    fn effect(&self) -> Option<Safe<String>> {
        let what = match &self.ended {
            Ended::App { .. } => "app",
            Ended::Session => "session",
            Ended::Everything { apps: 0, .. } | Ended::Password { apps: 0, .. } => return None,
            Ended::Everything { .. } | Ended::Password { .. } => "all",
        };
        Some(effect(&self.chrome, what, self.bound_seconds))
    }
}

macro_rules! renders {
    ($($page:ident),*) => { $(
        impl $page {
            /// The page as HTML.
            #[must_use]
            pub fn render(&self) -> String {
                Template::render(self).unwrap_or_default()
            }
        }
    )* };
}

renders!(AccountPage, DisconnectPage, EndAllPage);

impl DisconnectPage {
    fn effect(&self) -> Safe<String> {
        effect(&self.chrome, "app", self.bound_seconds)
    }
}

impl EndAllPage {
    fn effect(&self) -> Option<Safe<String>> {
        (self.apps > 0).then(|| effect(&self.chrome, "all", self.bound_seconds))
    }
}

/// When it takes effect at servers that do not ask: `what` is an `app`, a `session`, or `all`.
fn effect(chrome: &Chrome, what: &str, bound_seconds: u32) -> Safe<String> {
    if bound_seconds == 0 {
        return chrome.t("effect-now");
    }
    let wait = chrome.lang.wait(bound_seconds);
    said(&chrome.lang.say("effect-within", &[("what", what.into()), ("wait", wait.into())]))
}
