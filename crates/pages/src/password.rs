//! Choosing a new password.

use askama::{Template, filters::Safe};

use crate::{
    Chrome,
    account::Nav,
    safe::{filters, said},
};

/// Choosing a new password. Its form posts `current`, `new`, `again` and `csrf` to `action`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account/password.html")]
pub struct PasswordPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The addresses of the account.
    pub nav: Nav,
    /// Where the form is posted.
    pub action: String,
    /// Whose password: programs that keep passwords go by it.
    pub username: String,
    /// The least length of a new one, in characters.
    pub shortest: usize,
    /// What was wrong with what was sent.
    pub faults: Vec<PasswordFault>,
    /// So long until the next attempt may be made, in seconds.
    pub wait_seconds: Option<u32>,
}

/// What is wrong with a form for a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordFault {
    /// The current password was left empty.
    CurrentMissing,
    /// It is not the current password.
    CurrentWrong,
    /// The new one is too short.
    Short,
    /// It is too long.
    Long,
    /// It is the user name.
    UserName,
    /// It is one of those that are tried first.
    Common,
    /// It is the current one.
    Same,
    /// The repetition is another.
    Unequal,
}

impl PasswordFault {
    const fn field(self) -> &'static str {
        match self {
            Self::CurrentMissing | Self::CurrentWrong => "current",
            Self::Short | Self::Long | Self::UserName | Self::Common | Self::Same => "new",
            Self::Unequal => "again",
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::CurrentMissing => "password-current-missing",
            Self::CurrentWrong => "password-current-wrong",
            Self::Short => "password-short",
            Self::Long => "password-long",
            Self::UserName => "password-user-name",
            Self::Common => "password-common",
            Self::Same => "password-same",
            Self::Unequal => "password-unequal",
        }
    }
}

impl PasswordPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    fn failed(&self) -> bool {
        !self.faults.is_empty() || self.wait_seconds.is_some()
    }

    /// What is wrong with a field.
    fn wrong(&self, field: &str) -> Option<Safe<String>> {
        let found = self.faults.iter().find(|fault| fault.field() == field);
        found.map(|fault| self.say(fault))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand on references to fields")]
    fn say(&self, fault: &PasswordFault) -> Safe<String> {
        self.chrome.count(fault.key(), &self.shortest)
    }

    fn wait(&self) -> Safe<String> {
        let wait = self.chrome.lang.wait(self.wait_seconds.unwrap_or(0));
        said(&self.chrome.lang.say("login-throttled-line", &[("wait", wait.into())]))
    }
}
