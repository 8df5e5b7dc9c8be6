//! Signing in.

use askama::{Template, filters::Safe};

use crate::{
    Chrome,
    safe::{filters, said},
};

/// The sign-in page. Its form posts `username`, `password` and `csrf` to `action`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "login/login.html")]
pub struct LoginPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// Where the form is posted.
    pub action: String,
    /// The app that asked, by name; none when a person came by themselves.
    pub app: Option<String>,
    /// The user name to begin with: what was typed, or the request's `login_hint`.
    pub username: String,
    /// What became of the attempt before.
    pub attempt: Attempt,
    /// Who is signed in here, where the request is about somebody else.
    pub other: Option<String>,
    /// Somebody known, who signs in again.
    pub returning: Option<Returning>,
}

/// What became of the attempt before this page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// There was none.
    First,
    /// User name and password do not belong together; an unknown user looks the same.
    Wrong,
    /// Something was left empty.
    Missing {
        /// The user name was.
        username: bool,
        /// The password was.
        password: bool,
    },
    /// Too many attempts.
    Throttled {
        /// So long until the next may be made.
        wait_seconds: u32,
    },
    /// The page had stood open too long to be believed; nothing was checked.
    Stale,
}

/// Somebody known who is asked to sign in again (`prompt=login`, `max_age`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returning {
    /// What they are called.
    pub name: String,
    /// Where a `csrf`-carrying POST leads that forgets them: 'Not you?'.
    pub switch_action: String,
}

impl LoginPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    fn username_wrong(&self) -> bool {
        matches!(self.attempt, Attempt::Missing { username: true, .. })
    }

    fn password_wrong(&self) -> bool {
        matches!(self.attempt, Attempt::Missing { password: true, .. })
    }

    /// The field to begin in: the first that is empty. After a failure none, since what happened is read first.
    fn focus(&self) -> &'static str {
        match (self.failed(), self.username.is_empty()) {
            (true, _) => "",
            (false, true) => "username",
            (false, false) => "password",
        }
    }

    fn failed(&self) -> bool {
        !matches!(self.attempt, Attempt::First)
    }

    fn wait_seconds(&self) -> Option<u32> {
        match self.attempt {
            Attempt::Throttled { wait_seconds } => Some(wait_seconds),
            Attempt::First | Attempt::Wrong | Attempt::Missing { .. } | Attempt::Stale => None,
        }
    }

    fn wait(&self) -> Safe<String> {
        let wait = self.chrome.lang.wait(self.wait_seconds().unwrap_or(0));
        said(&self.chrome.lang.say("login-throttled-line", &[("wait", wait.into())]))
    }

    fn heading(&self) -> Safe<String> {
        match (&self.returning, &self.app) {
            (Some(known), _) => self.chrome.with("login-again-title", &[("name", &known.name)]),
            (None, Some(app)) => self.chrome.with("login-for-app-title", &[("app", app)]),
            (None, None) => {
                self.chrome.with("login-title", &[("organisation", &self.chrome.brand.name)])
            }
        }
    }
}

/// For somebody who is signed in already and may go on, or be somebody else (`prompt=select_account`).
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "login/continue.html")]
pub struct ContinuePage {
    /// What every page shares.
    pub chrome: Chrome,
    /// Where 'Continue' is posted.
    pub action: String,
    /// Where 'Not you?' is posted, to forget them.
    pub switch_action: String,
    /// What the person is called.
    pub name: String,
    /// Their user name.
    pub username: String,
    /// The app that asked, by name.
    pub app: Option<String>,
}

impl ContinuePage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    fn initial(&self) -> String {
        crate::chrome::initial(&self.name)
    }
}
