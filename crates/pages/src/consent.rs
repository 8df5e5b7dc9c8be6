//! The page that matters most: who asks, whose record, what for, how long, yes or no.
//!
//! Its form posts `csrf`, `scope` once for each switch that is on (and for each [`Ask::fixed`]), `until`, and
//! `decision` (`allow` or `deny`).

mod groups;
#[cfg(test)]
mod tests;

use askama::{Template, filters::Safe};

use crate::{
    Chrome, Message, Person,
    safe::{filters, own_path, said, web_link},
};
use groups::{Section, sections};
pub(crate) use groups::{label, of_owner, sentence};

/// The consent page.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "consent/consent.html")]
pub struct ConsentPage {
    /// What every page shares; `signed_in_as` is shown beside 'Not you?'.
    pub chrome: Chrome,
    /// Where the form is posted.
    pub action: String,
    /// Where 'Not you?' is posted, to sign in as somebody else.
    pub switch_action: String,
    /// Who asks.
    pub app: App,
    /// Whose record.
    pub whose: Whose,
    /// Where another record can be chosen.
    pub change_record_href: Option<String>,
    /// Every scope for health records, in the order asked.
    pub records: Vec<Ask>,
    /// Every other scope: identity, launch context, system, extensions; not `offline_access`.
    pub others: Vec<Ask>,
    /// `offline_access`, if it is asked.
    pub offline: Option<Ask>,
    /// The lengths to choose from; one is shown without a choice, and none asks nothing.
    pub untils: Vec<Until>,
    /// The length that is chosen to begin with.
    pub until: Until,
    /// Where connected apps are listed.
    pub apps_href: String,
    /// The form came back with nothing switched on.
    pub nothing_chosen: bool,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// The name it goes by.
    pub name: String,
    /// Its logo, a path on this server. Its first letter stands in when there is none.
    pub logo: Option<String>,
    /// Who made it, as registered.
    pub publisher: Option<String>,
    /// Whether somebody here has looked at it.
    pub review: Review,
    /// Its privacy policy. Only a web address becomes a link.
    pub policy_href: Option<String>,
    /// Its terms of use. Only a web address becomes a link.
    pub terms_href: Option<String>,
    /// The host that the person is sent back to.
    pub returns_to: Option<String>,
    /// The record system that it was opened from, by name.
    pub opened_from: Option<String>,
}

/// Whether somebody here has looked at an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// It is the organisation's own.
    Own,
    /// The organisation has reviewed it.
    Reviewed,
    /// Nobody has.
    NotReviewed,
}

/// Whose record is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// The reader's own.
    Yours(Person),
    /// Somebody else's.
    Theirs(Person),
    /// No single record: none is asked for, or all that the reader may open.
    Nobodys,
}

/// A scope that is asked for, as a row with a switch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a mark of its own beside the switch")]
pub struct Ask {
    /// The scope as asked: what the switch posts.
    pub value: String,
    /// What it means: the description that `scopes` gives.
    pub what: Message,
    /// The heading it belongs under: the key of its `scopes` category, such as `records-medicines`.
    pub heading: &'static str,
    /// It has no switch: without it the request makes no sense (`openid`, `launch`).
    pub fixed: bool,
    /// It is on to begin with.
    pub on: bool,
    /// The organisation counts it as sensitive.
    pub sensitive: bool,
    /// The app says that it cannot work without.
    pub needed: bool,
    /// Narrower scopes, one switch each, in place of the switch for the whole.
    pub choices: Vec<Choice>,
}

/// A kind of record within a scope, with a switch of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The scope that its switch posts.
    pub value: String,
    /// What it means.
    pub what: Message,
    /// It is on to begin with.
    pub on: bool,
    /// The organisation counts it as sensitive.
    pub sensitive: bool,
}

const EVERYTHING: &str = "records-everything";
const OTHER: &str = "records-other";

impl Ask {
    /// A scope that is on, with nothing special about it.
    #[must_use]
    pub fn new(value: impl Into<String>, what: Message, heading: &'static str) -> Self {
        Self {
            value: value.into(),
            what,
            heading,
            fixed: false,
            on: true,
            sensitive: false,
            needed: false,
            choices: Vec::new(),
        }
    }
}

/// How long access lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Until the person leaves the app or signs out.
    Visit,
    /// Thirty days.
    Month,
    /// A year.
    Year,
    /// Until the person stops it.
    Stopped,
}

impl Until {
    /// Every length, shortest first.
    pub const ALL: [Self; 4] = [Self::Visit, Self::Month, Self::Year, Self::Stopped];

    /// What the form posts as `until`.
    #[must_use]
    pub fn value(self) -> &'static str {
        match self {
            Self::Visit => "visit",
            Self::Month => "30-days",
            Self::Year => "year",
            Self::Stopped => "stopped",
        }
    }

    /// Reads what the form posts.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|until| until.value() == value)
    }

    fn key(self) -> String {
        format!("consent-until-{}", self.value())
    }
}

impl App {
    pub(crate) fn initial(&self) -> String {
        crate::chrome::initial(&self.name)
    }

    pub(crate) fn own_logo(&self) -> Option<&str> {
        self.logo.as_deref().and_then(own_path)
    }

    fn policy(&self) -> Option<&str> {
        self.policy_href.as_deref().and_then(web_link)
    }

    fn terms(&self) -> Option<&str> {
        self.terms_href.as_deref().and_then(web_link)
    }
}

impl ConsentPage {
    /// The page as HTML.
    #[must_use]
    pub fn render(&self) -> String {
        Template::render(self).unwrap_or_default()
    }

    /// The page once more, as the person left it: nothing was switched on but what is in `on`.
    pub fn come_back(&mut self, on: &[&str], until: Option<Until>) {
        self.nothing_chosen = true;
        self.until = until.unwrap_or(self.until);
        for ask in self.records.iter_mut().chain(&mut self.others).chain(&mut self.offline) {
            ask.on = on.contains(&ask.value.as_str());
            for choice in &mut ask.choices {
                choice.on = on.contains(&choice.value.as_str());
            }
        }
    }

    /// The question: what is asked, and of whose record.
    fn heading(&self) -> Safe<String> {
        let sees = self.records.iter().any(groups::sees);
        let changes = self.records.iter().any(groups::changes);
        let app = ("app", self.app.name.as_str());
        let act = match (sees, changes) {
            (true, false) => "see",
            (true, true) => "see-change",
            (false, true) => "change",
            (false, false) => return self.chrome.with("consent-title-identity", &[app]),
        };
        match &self.whose {
            // More is asked than this record, so its name alone would say too little.
            _ if self.records.iter().any(groups::reaches_all) => {
                self.chrome.with(&format!("consent-title-{act}-all"), &[app])
            }
            Whose::Yours(_) => self.chrome.with(&format!("consent-title-{act}-yours"), &[app]),
            Whose::Theirs(person) => {
                let key = format!("consent-title-{act}-theirs");
                self.chrome.with(&key, &[app, ("name", &person.name)])
            }
            Whose::Nobodys => self.chrome.with(&format!("consent-title-{act}-all"), &[app]),
        }
    }

    fn sections(&self) -> Vec<Section<'_>> {
        sections(&self.records)
    }

    fn section_title(&self, section: &Section<'_>) -> Safe<String> {
        let act = if section.changes { "change" } else { "see" };
        let reach = match (&self.whose, section.all_records) {
            (_, true) | (Whose::Nobodys, false) => "all",
            (Whose::Yours(_), false) => "yours",
            (Whose::Theirs(person), false) => {
                let key = format!("consent-section-{act}-theirs");
                return self.chrome.with(&key, &[("name", &person.name)]);
            }
        };
        self.chrome.t(&format!("consent-section-{act}-{reach}"))
    }

    fn person(&self) -> Option<&Person> {
        match &self.whose {
            Whose::Yours(person) | Whose::Theirs(person) => Some(person),
            Whose::Nobodys => None,
        }
    }

    fn is_yours(&self) -> bool {
        matches!(self.whose, Whose::Yours(_))
    }

    fn review_key(&self) -> &'static str {
        match self.app.review {
            Review::Own => "consent-review-own",
            Review::Reviewed => "consent-review-done",
            Review::NotReviewed => "consent-review-none",
        }
    }

    fn reviewed(&self) -> bool {
        self.app.review != Review::NotReviewed
    }

    /// The words for what a switch opens: 'Laboratory results'.
    fn label(&self, what: &Message) -> Safe<String> {
        said(&label(self.chrome.lang, what))
    }

    /// The heading of a group with one switch: where the heading would be vaguer than what is asked, that itself.
    fn name(&self, ask: &Ask) -> Safe<String> {
        if ask.heading == OTHER { self.label(&ask.what) } else { self.kind(ask.heading) }
    }

    fn heading_of(&self, group: &groups::Group<'_>) -> Safe<String> {
        self.kind(group.heading)
    }

    /// A kind of record, as its owner calls it or as others do.
    fn kind(&self, heading: &'static str) -> Safe<String> {
        self.chrome.t(of_owner(heading, self.is_yours()))
    }

    /// What stands below it.
    fn line(&self, ask: &Ask) -> Option<Safe<String>> {
        match ask.heading {
            OTHER => None,
            EVERYTHING => Some(self.chrome.t("records-everything-line")),
            _ => Some(self.label(&ask.what)),
        }
    }

    /// The whole sentence for a scope, as its details show it.
    fn sentence(&self, what: &Message) -> Safe<String> {
        said(&sentence(self.chrome.lang, what))
    }

    /// What it may do to them: the verbs of a sentence, said once above the switches of a whole type.
    fn writes(&self, what: &Message) -> Safe<String> {
        let sees = what.key.starts_with("scope-see");
        let key = if sees { "record-see-and-writes" } else { "record-writes" };
        let args: Vec<_> = what.args.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.chrome.with(key, &args)
    }
}
