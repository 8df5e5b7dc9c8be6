//! Scopes that are one fixed word: who the user is, refresh, and the EHR's launch (OpenID Connect
//! Core §5.4, §11; SC-20, SC-24; `launch` of SC-13).

use std::fmt;

use super::Kind;
use crate::{Message, Scope};

/// A word that is a scope.
pub(crate) struct Word {
    name: &'static str,
    key: &'static str,
    home: Home,
}

/// Which specification defines a word, and so under which URI it may be asked (SC-26).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    OpenId,
    Smart,
    Both,
}

/// The scope that `name` is the short name of, if `home` defines it.
pub(crate) fn parse(name: &str, home: Home) -> Option<Scope> {
    let (word, scope) = ALL.iter().find(|(word, _)| word.name == name)?;
    let known = home == Home::Both || word.home == Home::Both || word.home == home;
    known.then(|| scope.clone())
}

impl Kind for Word {
    fn describe(&self) -> Message {
        Message { key: self.key, args: Vec::new() }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

pub(crate) static OPENID: Word = word("openid", "scope-openid", Home::OpenId);
pub(crate) static FHIR_USER: Word = word("fhirUser", "scope-fhir-user", Home::Smart);
pub(crate) static PROFILE: Word = word("profile", "scope-profile", Home::OpenId);
pub(crate) static EMAIL: Word = word("email", "scope-email", Home::OpenId);
pub(crate) static ADDRESS: Word = word("address", "scope-address", Home::OpenId);
pub(crate) static PHONE: Word = word("phone", "scope-phone", Home::OpenId);
pub(crate) static OFFLINE: Word = word("offline_access", "scope-offline-access", Home::Both);
pub(crate) static ONLINE: Word = word("online_access", "scope-online-access", Home::Smart);
pub(crate) static LAUNCH: Word = word("launch", "scope-launch", Home::Smart);

static ALL: [(&Word, Scope); 9] = [
    (&OPENID, Scope::OpenId),
    (&FHIR_USER, Scope::FhirUser),
    (&PROFILE, Scope::Profile),
    (&EMAIL, Scope::Email),
    (&ADDRESS, Scope::Address),
    (&PHONE, Scope::Phone),
    (&OFFLINE, Scope::OfflineAccess),
    (&ONLINE, Scope::OnlineAccess),
    (&LAUNCH, Scope::Launch),
];

const fn word(name: &'static str, key: &'static str, home: Home) -> Word {
    Word { name, key, home }
}
