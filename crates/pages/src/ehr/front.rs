//! The front page of the demo EHR's listener: who goes where.

use askama::Template;

use crate::{Chrome, safe::filters};

/// The page at the root: the record system for clinicians, and the apps that people open by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "ehr/front.html")]
pub struct FrontPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// Where clinicians go on: to sign in, or to their patients.
    pub ehr_href: String,
    /// Apps that are opened without the record system.
    pub doors: Vec<Door>,
    /// The person has just signed out.
    pub signed_out: bool,
}

/// An app that is opened by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// Its name.
    pub name: String,
    /// What it does, in a sentence.
    pub description: String,
    /// Its first page.
    pub href: String,
}

impl FrontPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }
}
