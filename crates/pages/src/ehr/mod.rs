//! The pages of the demo EHR: its front door, its list of patients, a chart with its app shelf, and an app in a frame.

mod chart;
mod front;
mod patients;

pub use chart::{
    Allergy, AppTile, ChartPage, Flag, FramePage, LookChoice, Measure, Medicine, PatientBanner,
    Problem, Section, TaskLaunch, TaskRow, Unfit, Visit,
};
pub use front::{Door, FrontPage};
pub use patients::{PatientRow, PatientsPage};

use crate::{Chrome, Date, Sex};

/// 'Female · 47 years · born 4 March 1979', as plain text.
fn facts(chrome: &Chrome, sex: Sex, born: Option<Date>, today: Option<Date>) -> String {
    let lang = chrome.lang;
    let mut facts = vec![lang.say(sex.key(), &[])];
    if let Some(born) = born {
        facts.extend(today.and_then(|today| lang.age(born, today)));
        facts.push(lang.say("person-born", &[("date", lang.date(born).into())]));
    }
    if today.is_none() {
        facts.push(lang.say("person-deceased", &[]));
    }
    // Each fact stays on one line.
    facts.iter().map(|fact| fact.replace(' ', "\u{a0}")).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests;
