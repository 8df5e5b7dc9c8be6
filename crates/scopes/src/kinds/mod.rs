//! The kinds of scope, one file each; here they are told apart.

pub(crate) mod clinical;
pub(crate) mod extension;
pub(crate) mod launch;
pub(crate) mod words;

use std::fmt;
use std::str::FromStr;

use crate::{Clinical, Extension, Invalid, LaunchContext, Level, Message, token};
use words::Home;

/// What every kind can say of itself.
trait Kind: fmt::Display {
    fn describe(&self) -> Message;
}

/// One scope. It prints in the form it was asked in (SC-3); only the URI forms of SC-26 become
/// the short names they stand for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// `openid`: an ID token is wanted (OpenID Connect Core §3.1.2.1).
    OpenId,
    /// `fhirUser`: the FHIR resource of the signed-in user (SC-20).
    FhirUser,
    /// `profile` (OpenID Connect Core §5.4).
    Profile,
    /// `email` (OpenID Connect Core §5.4).
    Email,
    /// `address` (OpenID Connect Core §5.4).
    Address,
    /// `phone` (OpenID Connect Core §5.4).
    Phone,
    /// `offline_access`: a refresh token that outlives the user's presence (SC-24).
    OfflineAccess,
    /// `online_access`: a refresh token for as long as the user stays (SC-24).
    OnlineAccess,
    /// `launch`: the context of this launch from the EHR (SC-13).
    Launch,
    /// `launch/…`: a context of some type (SC-13).
    LaunchContext(LaunchContext),
    /// Health records (SC-1).
    Clinical(Clinical),
    /// Something that others defined (SC-25).
    Extension(Extension),
}

impl Scope {
    /// Whether whoever holds this scope may do all that `other` would allow.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match self {
            Self::Clinical(mine) => other.as_clinical().is_some_and(|theirs| mine.covers(theirs)),
            Self::LaunchContext(mine) => {
                other.as_context().is_some_and(|theirs| mine.covers(theirs))
            }
            Self::OpenId
            | Self::FhirUser
            | Self::Profile
            | Self::Email
            | Self::Address
            | Self::Phone
            | Self::OfflineAccess
            | Self::OnlineAccess
            | Self::Launch
            | Self::Extension(_) => self == other,
        }
    }

    /// The greatest scope that both cover, in the form of `self` where that form can say it.
    #[must_use]
    pub fn narrow(&self, other: &Self) -> Option<Self> {
        match self {
            Self::Clinical(mine) => mine.narrow(other.as_clinical()?).map(Self::Clinical),
            Self::LaunchContext(mine) => mine.narrow(other.as_context()?).map(Self::LaunchContext),
            Self::OpenId
            | Self::FhirUser
            | Self::Profile
            | Self::Email
            | Self::Address
            | Self::Phone
            | Self::OfflineAccess
            | Self::OnlineAccess
            | Self::Launch
            | Self::Extension(_) => (self == other).then(|| self.clone()),
        }
    }

    /// What it means to the person who is asked, as a key of the catalogue.
    #[must_use]
    pub fn describe(&self) -> Message {
        self.kind().describe()
    }

    /// The scope for health records that this is, if it is one.
    #[must_use]
    pub fn as_clinical(&self) -> Option<&Clinical> {
        if let Self::Clinical(clinical) = self { Some(clinical) } else { None }
    }

    fn as_context(&self) -> Option<&LaunchContext> {
        if let Self::LaunchContext(context) = self { Some(context) } else { None }
    }

    /// Whether it can be granted only with a patient in context (SC-14, SC-15).
    #[must_use]
    pub fn needs_patient(&self) -> bool {
        match self {
            Self::Clinical(clinical) => clinical.level() == Level::Patient,
            Self::LaunchContext(context) => context.is_of_patient(),
            Self::OpenId
            | Self::FhirUser
            | Self::Profile
            | Self::Email
            | Self::Address
            | Self::Phone
            | Self::OfflineAccess
            | Self::OnlineAccess
            | Self::Launch
            | Self::Extension(_) => false,
        }
    }

    fn kind(&self) -> &dyn Kind {
        match self {
            Self::OpenId => &words::OPENID,
            Self::FhirUser => &words::FHIR_USER,
            Self::Profile => &words::PROFILE,
            Self::Email => &words::EMAIL,
            Self::Address => &words::ADDRESS,
            Self::Phone => &words::PHONE,
            Self::OfflineAccess => &words::OFFLINE,
            Self::OnlineAccess => &words::ONLINE,
            Self::Launch => &words::LAUNCH,
            Self::LaunchContext(context) => context,
            Self::Clinical(clinical) => clinical,
            Self::Extension(extension) => extension,
        }
    }
}

impl FromStr for Scope {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if !text.chars().all(token::is_legal) {
            return Err(Invalid::IllegalCharacter);
        }
        if let Some(name) = text.strip_prefix(OPENID_PREFIX) {
            return words::parse(name, Home::OpenId).ok_or(Invalid::Unknown);
        }
        if let Some(name) = text.strip_prefix(SMART_PREFIX) {
            return short(name, Home::Smart)?.ok_or(Invalid::Unknown);
        }
        match short(text, Home::Both)? {
            Some(scope) => Ok(scope),
            None => Extension::parse(text).map(Self::Extension),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().fmt(f)
    }
}

/// Reads a short name; `None` if no kind of ours claims it.
fn short(text: &str, home: Home) -> Result<Option<Scope>, Invalid> {
    if let Some(word) = words::parse(text, home) {
        return Ok(Some(word));
    }
    let Some((prefix, rest)) = text.split_once('/') else { return Ok(None) };
    if prefix == "launch" {
        return LaunchContext::parse(rest).map(|context| Some(Scope::LaunchContext(context)));
    }
    let level = Level::VARIANTS.into_iter().find(|level| level.as_str() == prefix);
    level.map(|level| Clinical::parse(level, rest).map(Scope::Clinical)).transpose()
}

const SMART_PREFIX: &str = "http://smarthealthit.org/fhir/scopes/";
const OPENID_PREFIX: &str = "http://openid.net/specs/openid-connect-core-1_0#";
