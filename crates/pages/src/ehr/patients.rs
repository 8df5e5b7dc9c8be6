//! The list of patients.

use askama::{Template, filters::Safe};

use crate::{
    Chrome, Date, Sex,
    chrome::initial,
    safe::{filters, said},
};

/// The list of patients. The search form is a GET with `q`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "ehr/patients.html")]
pub struct PatientsPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// Where the search form leads.
    pub action: String,
    /// Where signing out is posted, with `csrf`.
    pub sign_out_action: String,
    /// What was searched for; empty where everybody is shown.
    pub query: String,
    /// The patients found.
    pub patients: Vec<PatientRow>,
    /// How many there are in all, where the server tells.
    pub total: Option<usize>,
    /// The page before, when there is one.
    pub previous_href: Option<String>,
    /// The page after, when there is one.
    pub next_href: Option<String>,
    /// The day on which ages are told.
    pub today: Date,
}

/// A patient in the list, told apart by more than a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientRow {
    /// Their chart.
    pub href: String,
    /// The name in full.
    pub name: String,
    /// The birth date.
    pub born: Option<Date>,
    /// The administrative sex.
    pub sex: Sex,
    /// The record number.
    pub number: Option<String>,
    /// Where they live, which tells people of one name apart.
    pub place: Option<String>,
    /// They have died.
    pub deceased: bool,
}

impl PatientsPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    fn count(&self) -> Option<Safe<String>> {
        Some(self.chrome.count("ehr-patients-count", &self.total?))
    }

    fn facts(&self, person: &PatientRow) -> Safe<String> {
        let today = (!person.deceased).then_some(self.today);
        said(&super::facts(&self.chrome, person.sex, person.born, today))
    }
}

impl PatientRow {
    fn initial(&self) -> String {
        initial(&self.name)
    }
}
