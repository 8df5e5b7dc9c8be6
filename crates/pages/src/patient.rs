//! Choosing whose record.

use askama::{Template, filters::Safe};

use crate::{
    Chrome, Date, Sex,
    safe::{filters, said},
};

/// Choosing a record. The search form is a GET with `q`; the choice is posted as `patient` and `csrf`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "patient/patient.html")]
pub struct PatientPage {
    /// What every page shares; `signed_in_as` is shown beside 'Not you?'.
    pub chrome: Chrome,
    /// Where 'Not you?' is posted, to sign in as somebody else.
    pub switch_action: String,
    /// The app that asked, by name.
    pub app: String,
    /// Where the search form leads; no search is offered without it.
    pub search_action: Option<String>,
    /// Values that the search form repeats, by name, such as the request's handle.
    pub search_hidden: Vec<(String, String)>,
    /// What was searched for; empty before the first search.
    pub query: String,
    /// Where the choice is posted.
    pub choose_action: String,
    /// The records to choose from, in groups.
    pub groups: Vec<PatientGroup>,
    /// The page before, when there is one.
    pub previous_href: Option<String>,
    /// The page after, when there is one.
    pub next_href: Option<String>,
    /// Where the app is told that no record was chosen: posted with `csrf`.
    pub cancel_action: Option<String>,
    /// The day on which ages are told.
    pub today: Date,
    /// The form was sent without a choice.
    pub nothing_chosen: bool,
    /// The FHIR server does not answer: where to try again.
    pub retry_href: Option<String>,
}

/// Records under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientGroup {
    /// The heading.
    pub heading: PatientHeading,
    /// The records.
    pub people: Vec<PatientCard>,
}

/// What a group of records has in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatientHeading {
    /// The person's own record.
    You,
    /// Those whom they act for.
    PeopleYouActFor,
    /// Those whom they opened lately.
    Recent,
    /// What the search found.
    Found,
    /// All there are.
    Everybody,
}

impl PatientHeading {
    fn key(self) -> &'static str {
        match self {
            Self::You => "patient-group-you",
            Self::PeopleYouActFor => "patient-group-act-for",
            Self::Recent => "patient-group-recent",
            Self::Found => "patient-group-found",
            Self::Everybody => "patient-group-everybody",
        }
    }
}

/// A record as it is told from others: never by name alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientCard {
    /// The value that is posted.
    pub id: String,
    /// The name in full.
    pub name: String,
    /// The birth date.
    pub born: Option<Date>,
    /// The administrative sex.
    pub sex: Sex,
    /// The record number.
    pub identifier: Option<String>,
    /// What else tells this person from another of the same name, such as a town.
    pub line: Option<String>,
    /// In what role the signed-in person acts for them, such as `parent`; one that no catalogue knows is
    /// shown as it is.
    pub role: Option<String>,
    /// They have died.
    pub deceased: bool,
    /// Chosen already.
    pub chosen: bool,
}

impl PatientPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    /// There is nothing to choose and nothing to search.
    fn has_none(&self) -> bool {
        self.empty() && self.search_action.is_none() && self.retry_href.is_none()
    }

    fn title(&self) -> Safe<String> {
        if self.has_none() {
            return self.chrome.t("trouble-no-record-title");
        }
        self.chrome.with("patient-title", &[("app", &self.app)])
    }

    fn empty(&self) -> bool {
        self.groups.iter().all(|group| group.people.is_empty())
    }

    /// 'Female · 47 years · born 4 March 1979'.
    fn facts(&self, person: &PatientCard) -> Safe<String> {
        let lang = self.chrome.lang;
        let mut facts = vec![lang.say(person.sex.key(), &[])];
        if let Some(born) = person.born {
            let date = lang.date(born);
            facts.push(lang.say("person-born", &[("date", date.into())]));
            let age = if person.deceased { None } else { lang.age(born, self.today) };
            facts.extend(age);
        }
        if person.deceased {
            facts.push(lang.say("person-deceased", &[]));
        }
        said(&facts.iter().map(|fact| unbroken(fact)).collect::<Vec<_>>().join(" · "))
    }
}

/// A short fact stays on one line; a long one may break where it has to.
fn unbroken(fact: &str) -> String {
    if fact.chars().count() > 24 { fact.to_owned() } else { fact.replace(' ', "\u{a0}") }
}
