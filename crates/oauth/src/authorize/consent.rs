//! What a person decided, and what of it is remembered.

use fireward_scopes::ScopeSet;

use crate::vocabulary::{ClientId, IssuerId, Lifetime, ResourceServerId, Timestamp, UserId};

/// A person's answer on the consent page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentChoice {
    /// Allow, within these bounds.
    Allow {
        /// The switches that were on: scopes or sub-scopes of what was asked.
        scopes: Vec<String>,
        /// For how long.
        until: Until,
    },
    /// Don't allow.
    Deny,
}

/// For how long a person allows it (`pages.md`, consent 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// While this session lasts.
    Visit,
    /// Thirty days.
    Month,
    /// A year.
    Year,
    /// Until they stop it, or the issuer's longest.
    Stopped,
}

impl Until {
    /// Every choice, shortest first.
    pub const VARIANTS: [Self; 4] = [Self::Visit, Self::Month, Self::Year, Self::Stopped];

    /// The value of the form control.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Visit => "visit",
            Self::Month => "month",
            Self::Year => "year",
            Self::Stopped => "stopped",
        }
    }

    /// The choice of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::VARIANTS.into_iter().find(|until| until.as_str() == text)
    }

    /// How long a grant lasts that was given for so long.
    #[must_use]
    pub fn lifetime(self, visit: Lifetime, longest: Lifetime) -> Lifetime {
        match self {
            Self::Visit => visit,
            Self::Month => Lifetime::days(30).min(longest),
            Self::Year => Lifetime::days(365).min(longest),
            Self::Stopped => longest,
        }
    }
}

/// What a person allowed before, so that they are not asked again.
#[derive(Debug, Clone, PartialEq)]
pub struct Consent {
    /// The issuer it is of.
    pub issuer: IssuerId,
    /// Whose it is.
    pub user: UserId,
    /// Which app it is about.
    pub client: ClientId,
    /// Which resource server; none for plain sign-in.
    pub resource_server: Option<ResourceServerId>,
    /// Whose record, where the scopes are a patient's.
    pub patient: Option<String>,
    /// What the app had asked.
    pub asked: ScopeSet,
    /// What the person allowed of it.
    pub granted: ScopeSet,
    /// Until when it counts.
    pub until: Timestamp,
    /// When it was given.
    pub given_at: Timestamp,
}
