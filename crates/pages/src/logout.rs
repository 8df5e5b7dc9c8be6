//! Signing out (OpenID Connect RP-Initiated Logout 1.0 §2).

use askama::Template;

use crate::{Chrome, safe::filters};

/// Asks whether to sign out, since any site may send a person here.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "logout/confirm.html")]
pub struct LogoutPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// Where the form is posted.
    pub action: String,
    /// Values that the form sends back unchanged, by name.
    pub hidden: Vec<(String, String)>,
    /// The app that asked, by name.
    pub app: Option<String>,
    /// Where 'Stay signed in' leads.
    pub stay_href: Option<String>,
}

impl LogoutPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }
}

/// Says that the person is signed out.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "logout/done.html")]
pub struct LoggedOutPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The app to go back to: its name, and its address, which must be proven to be its own.
    pub back: Option<(String, String)>,
    /// Where to sign in again.
    pub sign_in_href: Option<String>,
}

impl LoggedOutPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }
}
