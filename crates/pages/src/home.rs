//! The page at the root of the issuer: what this server is.

use askama::Template;

use crate::{Chrome, safe::filters};

/// The page at the root of the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "home/home.html")]
pub struct HomePage {
    /// What every page shares.
    pub chrome: Chrome,
    /// The issuer.
    pub issuer: String,
    /// Where people see their connected apps.
    pub account_href: String,
    /// The registered FHIR bases.
    pub fhir_bases: Vec<String>,
    /// Where the documents that describe the server are, by name: `openid-configuration`, `JWKS` and so on.
    pub documents: Vec<(String, String)>,
}

impl HomePage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }
}
