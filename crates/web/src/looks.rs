//! Who looked at a record, as the audit trail of its FHIR server says. The authorization server keeps none of it.

use std::pin::Pin;

use fireward_oauth::{
    ResourceServerId,
    people::{Links, User},
};

use crate::Failure;

/// One event of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// When, in seconds since 1970.
    pub at: i64,
    /// The user, by `sub`; none where an app asked for itself.
    pub subject: Option<String>,
    /// The app, by its client id; none where nobody has shown who they are.
    pub client: Option<String>,
    /// The type of resource, such as `Observation`; none where the event does not tell.
    pub kind: Option<String>,
    /// Something was written.
    pub changed: bool,
    /// It was refused.
    pub refused: bool,
    /// The network address.
    pub address: Option<String>,
}

/// Which events are wanted, the newest first.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    /// The FHIR server.
    pub server: &'a ResourceServerId,
    /// The patient. INVARIANT: whoever asks may see this record.
    pub patient: &'a str,
    /// From when, in seconds since 1970.
    pub since: i64,
    /// Until when, this second included.
    pub until: i64,
    /// The page after an earlier one, as that one named it.
    pub page: Option<&'a str>,
}

/// A page of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// The events.
    pub looks: Vec<Look>,
    /// What the page after this one is called, if there is one.
    pub next: Option<String>,
}

/// Finds who looked at a record.
pub trait Looks: Send + Sync {
    /// Whose records somebody may open today: FHIR servers that may say so of their `RelatedPerson` are asked. Where one
    /// does not answer, what it said last counts.
    fn links<'a>(
        &'a self,
        user: &'a User,
    ) -> Pin<Box<dyn Future<Output = Result<Links, Failure>> + 'a>>;

    /// The events; none where the FHIR server does not tell them.
    fn at<'a>(&'a self, window: Window<'a>) -> Pin<Box<dyn Future<Output = Option<Looked>> + 'a>>;
}
