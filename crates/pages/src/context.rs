//! Choosing what else an app is handed: a visit, a scan, a form.

use askama::{Template, filters::Safe};

use crate::{
    Chrome, Date,
    safe::{filters, said, tame},
};

/// Choosing a resource of the type that an app asks for. The choice is posted as `resource`, `context` and `csrf`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "patient/context.html")]
pub struct ContextPage {
    /// What every page shares; `signed_in_as` is shown beside 'Not you?'.
    pub chrome: Chrome,
    /// Where 'Not you?' is posted, to sign in as somebody else.
    pub switch_action: String,
    /// The app that asked, by name.
    pub app: String,
    /// The type that it asks for, as FHIR spells it.
    pub resource: String,
    /// In what role of its own, where it said.
    pub role: Option<String>,
    /// Whose these are, by name; nobody's if absent.
    pub whose: Option<String>,
    /// What the forms say they are about.
    pub context: String,
    /// Where the choice is posted.
    pub choose_action: String,
    /// Where it is posted that the person goes on without one.
    pub without_action: String,
    /// Where the app is told that the person did not go on.
    pub cancel_action: String,
    /// What there is to choose from.
    pub listing: Listing,
    /// The form was sent without a choice.
    pub nothing_chosen: bool,
}

/// What there is to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// A page of them, latest first.
    Found {
        /// What is on the page.
        cards: Vec<ContextCard>,
        /// The page before, when there is one.
        previous_href: Option<String>,
        /// The page after, when there is one.
        next_href: Option<String>,
    },
    /// The FHIR server does not answer.
    Down {
        /// Where to try again.
        retry_href: String,
    },
}

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextCard {
    /// The value that is posted.
    pub id: String,
    /// What it is, as the record has it; its type, where the record does not say.
    pub title: Option<String>,
    /// The day it is of.
    pub began: Option<Date>,
    /// It has not ended.
    pub now: bool,
    /// What else tells it from others, such as who and where.
    pub facts: Vec<String>,
    /// Chosen already.
    pub chosen: bool,
}

impl ContextPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    fn is_visit(&self) -> bool {
        self.resource == "Encounter"
    }

    fn title(&self) -> Safe<String> {
        match &self.whose {
            Some(name) if self.is_visit() => self.chrome.with("encounter-title", &[("name", name)]),
            Some(_) | None => self.chrome.with("context-title", &[("app", &self.app)]),
        }
    }

    fn lede(&self) -> Safe<String> {
        let (app, what) = (self.app.as_str(), self.what());
        match &self.whose {
            Some(_) if self.is_visit() => self.chrome.with("encounter-lede", &[("app", app)]),
            Some(name) => {
                let args = [("app", app), ("name", name.as_str()), ("what", what.as_str())];
                self.chrome.with("context-lede-of", &args)
            }
            None => self.chrome.with("context-lede", &[("app", app), ("what", &what)]),
        }
    }

    /// The kind of record by name.
    fn what(&self) -> String {
        self.chrome.lang.with("record-name", &[("kind", "none"), ("resource", &self.resource)])
    }

    fn name(&self, card: &ContextCard) -> Safe<String> {
        said(&card.title.as_deref().map_or_else(|| self.what(), |title| tame(title).into_owned()))
    }
}
