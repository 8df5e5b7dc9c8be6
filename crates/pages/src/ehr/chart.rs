//! A patient's chart with the app shelf, and an app opened within it.

use std::fmt::Write;

use askama::{Template, filters::Safe};

use crate::{
    Chrome, Date, Sex,
    chrome::initial,
    safe::{filters, said},
};

/// A patient's chart. The app shelf is one form: `csrf`, `encounter`, `intent`, `look`, `banner` (`app` or `ehr`, empty
/// where neither is chosen), and the button `tab` or `frame` with the app as its value. Each Task with an app is a form
/// of its own: `csrf`, posted to its id below [`ChartPage::tasks_action`].
#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "ehr/chart.html")]
pub struct ChartPage {
    /// What every page shares.
    pub chrome: Chrome,
    /// Back to the list.
    pub patients_href: String,
    /// Where signing out is posted, with `csrf`.
    pub sign_out_action: String,
    /// Whose chart it is.
    pub patient: PatientBanner,
    /// Where launching an app is posted.
    pub launch_action: String,
    /// The apps on the shelf.
    pub apps: Vec<AppTile>,
    /// The looks that an app may be asked to take over.
    pub looks: Vec<LookChoice>,
    /// Below it, by its id and `/launch`, a Task's app is launched.
    pub tasks_action: String,
    /// What is to be done.
    pub tasks: Section<TaskRow>,
    /// Health problems.
    pub problems: Section<Problem>,
    /// Prescriptions.
    pub medicines: Section<Medicine>,
    /// Allergies and intolerances.
    pub allergies: Section<Allergy>,
    /// The newest of each vital sign.
    pub vitals: Section<Measure>,
    /// The newest of each laboratory value.
    pub labs: Section<Measure>,
    /// Visits, latest first.
    pub visits: Section<Visit>,
}

/// An app opened within the record system.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "ehr/frame.html")]
pub struct FramePage {
    /// What every page shares.
    pub chrome: Chrome,
    /// Whose chart it is.
    pub patient: PatientBanner,
    /// Back to the chart.
    pub chart_href: String,
    /// The app's name.
    pub app: String,
    /// The address to open: the launch URL that the authorization server gave.
    pub src: String,
    /// Where the app is launched once more: posted with `csrf`, `repeated` and `again`.
    pub launch_action: String,
    /// What was asked this time, by name.
    pub repeated: Vec<(&'static str, String)>,
    /// It is the second time already.
    pub again: bool,
}

/// Who the chart is about: shown above everything that is about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientBanner {
    /// The name in full.
    pub name: String,
    /// The birth date.
    pub born: Option<Date>,
    /// The administrative sex.
    pub sex: Sex,
    /// The record number.
    pub number: Option<String>,
    /// The day on which the age is told; none for somebody who has died.
    pub today: Option<Date>,
}

/// A part of the chart, which succeeds or fails alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section<T> {
    /// What the record has.
    Ready(Vec<T>),
    /// The server does not let this clinician see it.
    Refused,
    /// The server did not answer.
    Failed,
}

/// A health problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its name.
    pub name: String,
    /// Since when.
    pub since: Option<Date>,
    /// It is over.
    pub over: bool,
}

/// A prescription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Medicine {
    /// What is prescribed.
    pub name: String,
    /// How it is taken, as the record has it.
    pub dosage: Option<String>,
    /// When it was prescribed.
    pub since: Option<Date>,
    /// It is over.
    pub over: bool,
}

/// An allergy or intolerance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allergy {
    /// To what.
    pub name: String,
    /// What happens.
    pub reactions: String,
    /// A reaction may be grave.
    pub grave: bool,
    /// It is over.
    pub over: bool,
}

/// The newest of one kind of measurement, and how it came there.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// What was measured.
    pub name: String,
    /// The value, or two of them as `120/80`.
    pub value: String,
    /// Its unit, for people.
    pub unit: String,
    /// Beyond the usual range.
    pub flag: Option<Flag>,
    /// The usual range.
    pub range: Option<String>,
    /// When.
    pub date: Option<Date>,
    /// The values until then, oldest first, for a small drawing.
    pub trend: Vec<f64>,
}

/// On which side of the usual range a value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// Above.
    High,
    /// Below.
    Low,
}

/// A visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// The value that is posted when an app is launched for it.
    pub id: String,
    /// What kind of visit, as the record has it.
    pub title: String,
    /// Why, as the record has it.
    pub reason: Option<String>,
    /// The day it began.
    pub began: Option<Date>,
    /// Who saw the patient.
    pub with: Option<String>,
    /// It has not ended.
    pub now: bool,
}

/// Something to be done (FHIR R4 Task).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// Its id.
    pub id: String,
    /// What, as the record has it.
    pub title: String,
    /// The day on which it was asked for.
    pub asked: Option<Date>,
    /// The app that it is done in.
    pub launch: TaskLaunch,
}

/// The app that a Task is done in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskLaunch {
    /// In none.
    Nothing,
    /// In this one, by its name.
    App(String),
    /// In one that cannot be opened.
    Unfit(Unfit),
}

/// Why the app of a Task cannot be opened (SMART 2.2 task-launch).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// The Task names no app.
    NoApp,
    /// It names more than one.
    SeveralApps,
    /// No app here has the address that it names.
    UnknownApp,
    /// Its code is not one of the two that launch an app, or of another system.
    WrongCode,
    /// It is for another patient, or for nobody.
    OtherPatient,
    /// It is done, or was called off.
    Over,
    /// Something else in it is not as it should be.
    Unreadable,
}

/// A look that an app may be asked to take over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookChoice {
    /// The value that is posted.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// An app on the shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppTile {
    /// The value that is posted.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it does, in a sentence.
    pub description: String,
    /// What it can be launched to do (`intent`); empty where it knows none.
    pub intents: Vec<String>,
    /// It may also be opened within the record system.
    pub framed: bool,
}

impl ChartPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    fn since(&self, date: &Date) -> Safe<String> {
        let date = self.chrome.lang.date(*date);
        said(&self.chrome.lang.say("ehr-since", &[("date", date.into())]))
    }

    fn latest_visits(&self) -> &[Visit] {
        let visits = self.visits.rows();
        visits.get(..VISITS_AT_ONCE).unwrap_or(visits)
    }

    fn earlier_visits(&self) -> &[Visit] {
        self.visits.rows().get(VISITS_AT_ONCE..).unwrap_or_default()
    }

    fn earlier_count(&self) -> Safe<String> {
        self.chrome.count("ehr-earlier-visits", &self.earlier_visits().len())
    }

    fn visit_choices(&self) -> impl Iterator<Item = &Visit> {
        self.visits.rows().iter().take(25)
    }

    fn intents(&self) -> Vec<&str> {
        let mut intents: Vec<&str> =
            self.apps.iter().flat_map(|app| &app.intents).map(String::as_str).collect();
        intents.sort_unstable();
        intents.dedup();
        intents
    }
}

impl FramePage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }
}

impl<T> Section<T> {
    fn rows(&self) -> &[T] {
        match self {
            Self::Ready(rows) => rows,
            Self::Refused | Self::Failed => &[],
        }
    }

    /// What to say where there is nothing to show.
    fn nothing(&self) -> Option<&'static str> {
        match self {
            Self::Ready(rows) => rows.is_empty().then_some("ehr-none-recorded"),
            Self::Refused => Some("ehr-refused"),
            Self::Failed => Some("ehr-failed"),
        }
    }
}

impl Unfit {
    fn key(self) -> &'static str {
        match self {
            Self::NoApp => "ehr-task-no-app",
            Self::SeveralApps => "ehr-task-several-apps",
            Self::UnknownApp => "ehr-task-unknown-app",
            Self::WrongCode => "ehr-task-wrong-code",
            Self::OtherPatient => "ehr-task-other-patient",
            Self::Over => "ehr-task-over",
            Self::Unreadable => "ehr-task-unreadable",
        }
    }
}

impl AppTile {
    fn initial(&self) -> String {
        initial(&self.name)
    }
}

impl PatientBanner {
    fn initial(&self) -> String {
        initial(&self.name)
    }

    fn facts(&self, chrome: &Chrome) -> Safe<String> {
        said(&super::facts(chrome, self.sex, self.born, self.today))
    }
}

impl Measure {
    /// The points of a small line, in a box of [`SPARK_WIDTH`] by [`SPARK_HEIGHT`]; nothing for fewer than three values.
    fn spark(&self) -> Option<String> {
        let [.., newest] = self.trend.as_slice() else { return None };
        let least = self.trend.iter().copied().fold(*newest, f64::min);
        let most = self.trend.iter().copied().fold(*newest, f64::max);
        let steps =
            u32::try_from(self.trend.len().checked_sub(1).filter(|steps| *steps > 1)?).ok()?;
        let span = if most > least { most - least } else { 1.0 };
        let mut points = String::new();
        for (value, step) in self.trend.iter().zip(0_u32..) {
            let x = f64::from(step) / f64::from(steps) * (SPARK_WIDTH - 4.0) + 2.0;
            let y = SPARK_HEIGHT - 3.0 - (value - least) / span * (SPARK_HEIGHT - 6.0);
            // Writing to a `String` does not fail.
            let _ = write!(points, "{x:.1},{y:.1} ");
        }
        Some(points)
    }
}

/// So many visits are shown at once; the others are one tap away.
const VISITS_AT_ONCE: usize = 8;
const SPARK_WIDTH: f64 = 88.0;
const SPARK_HEIGHT: f64 = 26.0;
