//! Who may have which state (AS-7, AS-8, AS-9).

use fireward_scopes::{Clinical, Level, Permissions};
use thiserror::Error;

use super::Key;
use crate::{Access, search};

/// The scope with which an app may change global state, besides `user/Basic.…` or `system/Basic.…`.
pub const GLOBAL_STATE_SCOPE: &str = "https://fireward.dev/scopes/global-app-state";

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `POST`
    Create,
    /// `PUT`
    Update,
    /// `DELETE`
    Delete,
    /// `GET`
    Search,
}

/// That a token allows an action on the states of a key. Nobody else makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatePermit {
    action: Action,
    key: Key,
}

/// Why it does not.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StateDenial {
    /// No scope for `Basic` with this permission, or none for this code.
    #[error("no scope of the token allows this; patient/Basic.{0} or user/Basic.{0} would")]
    NoScope(Permissions),
    /// The code is another app's.
    #[error(
        "the code must be of this app: its coding.system is the origin that the app is registered under, \
         and of this token it is {}", list(.0)
    )]
    NotYours(Vec<String>),
    /// Neither the patient in context nor the user who signed in.
    #[error(
        "the subject must be the patient in context with a patient/ scope, or the user with a user/ scope"
    )]
    OtherSubject,
    /// Global state is read by any app and changed by few.
    #[error("state without a subject is changed only with the scope {GLOBAL_STATE_SCOPE}")]
    Global,
}

impl StateDenial {
    /// The `scope` of `WWW-Authenticate`: what would have been enough.
    #[must_use]
    pub fn scope(&self) -> Option<String> {
        match self {
            Self::NoScope(needs) => Some(format!("patient/Basic.{needs} user/Basic.{needs}")),
            Self::Global => Some(GLOBAL_STATE_SCOPE.to_owned()),
            Self::NotYours(_) | Self::OtherSubject => None,
        }
    }
}

impl StatePermit {
    /// What is allowed.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// On whose states.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }
}

/// Decides whether a token allows an action on the states of a key.
///
/// # Errors
/// Why not.
pub fn permit(access: &Access, action: Action, key: &Key) -> Result<StatePermit, StateDenial> {
    let needs = match action {
        Action::Create => Permissions::CREATE,
        Action::Update => Permissions::UPDATE,
        Action::Delete => Permissions::DELETE,
        Action::Search => Permissions::SEARCH,
    };
    let scopes = access.scopes().clinical();
    let scopes = scopes
        .filter(|scope| scope.applies_to("Basic") && scope.permissions().contains(needs))
        .filter(|scope| admits(scope, key));
    let levels: Vec<Level> = scopes.map(Clinical::level).collect();
    if levels.is_empty() {
        return Err(StateDenial::NoScope(needs));
    }
    if !access.state_systems().contains(&key.system) {
        return Err(StateDenial::NotYours(access.state_systems().to_vec()));
    }
    if levels.into_iter().any(|level| reaches(access, level, action, key)) {
        return Ok(StatePermit { action, key: key.clone() });
    }
    let global = key.subject.is_none();
    Err(if global { StateDenial::Global } else { StateDenial::OtherSubject })
}

/// Whether a scope of this level reaches the subject. No state is of a user and a patient at once (AS-9).
fn reaches(access: &Access, level: Level, action: Action, key: &Key) -> bool {
    match (&key.subject, level) {
        (None, _) if action == Action::Search => true,
        (None, Level::User | Level::System) => access.administers_global_state(),
        (Some(subject), Level::Patient) => {
            subject.kind == "Patient" && access.patient() == Some(subject.id.as_str())
        }
        (Some(subject), Level::User) => access.user() == Some(subject),
        // A patient's app is nobody's administrator, and a client by itself is nobody's app.
        (None, Level::Patient) | (Some(_), Level::System) => false,
    }
}

/// Whether the constraint of a scope admits the key. One that cannot be tried admits nothing.
fn admits(scope: &Clinical, key: &Key) -> bool {
    let resource = key.resource();
    let pairs = scope.constraint().into_iter().flat_map(fireward_scopes::Constraint::pairs);
    let mut met = pairs.map(|(name, value)| {
        search::clause("Basic", name, value, "").is_ok_and(|clause| clause.holds(&resource))
    });
    met.all(|met| met)
}

fn list(systems: &[String]) -> String {
    if systems.is_empty() { "none".to_owned() } else { systems.join(", ") }
}
