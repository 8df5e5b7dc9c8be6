//! Users and their sessions.

use std::collections::BTreeMap;

use crate::{
    client::Status,
    error::{Code, Refused, ensure},
    launch::is_fhir_id,
    resource_server::ResourceServer,
    vocabulary::{Digest, IssuerId, Lifetime, SessionToken, Timestamp, UserId},
};

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The issuer that knows them.
    pub issuer: IssuerId,
    /// Their `sub`.
    pub id: UserId,
    /// What they sign in with; compared without regard to case.
    pub username: String,
    /// How pages and the `name` claim call them.
    pub name: String,
    /// The Argon2id hash of their password, as a PHC string.
    pub password: PasswordHash,
    /// Who they are at the FHIR servers, and which records are theirs there.
    pub links: Links,
    /// Whether they administer this server.
    pub admin: bool,
    /// `email`.
    pub email: Option<String>,
    /// Whether they may sign in.
    pub status: Status,
    /// When the password was last changed.
    pub password_changed_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

/// An Argon2id hash; its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a PHC string.
    #[must_use]
    pub const fn from_phc(text: String) -> Self {
        Self(text)
    }

    /// The PHC string.
    #[must_use]
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Who somebody is at the FHIR servers. An id means one person at one server and another elsewhere, so nothing of a link
/// is to be had without saying at which server: [`Links::at`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// At the servers that are [`ResourceServer::home`].
    pub home: Link,
    /// At others, by their namespace of patient ids. One that is named here counts before `home`.
    pub elsewhere: BTreeMap<String, Link>,
}

/// Who somebody is at the FHIR servers that share a namespace of patient ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The FHIR resource that is them, such as `Practitioner/1` (SMART 2.2 `fhirUser`).
    pub fhir_user: Option<String>,
    /// The records they may choose from, with what they are to each.
    pub records: Records,
}

/// Whoever is not known to a server.
static NOBODY: Link = Link { fhir_user: None, records: Records::These(Vec::new()) };

impl Links {
    /// Who they are at this server: nobody, unless they were linked to its patients. At no server in particular it is
    /// who they are at home.
    #[must_use]
    pub fn at(&self, server: Option<&ResourceServer>) -> &Link {
        let Some(server) = server else { return &self.home };
        match self.elsewhere.get(&server.patient_namespace) {
            Some(link) => link,
            None if server.home => &self.home,
            None => &NOBODY,
        }
    }

    /// The id of the `RelatedPerson` that they are at this server, if it is trusted to say whose record that opens.
    #[must_use]
    pub fn related_person(&self, server: &ResourceServer) -> Option<&str> {
        let link = self.at(Some(server));
        let chooses = matches!(link.records, Records::These(_)) && server.related_persons;
        let id = link.fhir_user.as_deref()?.strip_prefix("RelatedPerson/")?;
        (chooses && is_fhir_id(id)).then_some(id)
    }

    /// Whether something of theirs at this server's namespace was looked up, or one of these servers is to be asked:
    /// only then can looking up change anything.
    #[must_use]
    pub fn are_looked_up(&self, server: &ResourceServer, servers: &[ResourceServer]) -> bool {
        let known = match &self.at(Some(server)).records {
            Records::Any => false,
            Records::These(records) => records.iter().any(|record| record.looked_up),
        };
        let related = |one: &ResourceServer| self.related_person(one).is_some();
        known || servers.iter().filter(|one| one.shares_patients(server)).any(related)
    }

    /// Takes what was looked up at this server's namespace for all that was looked up there before. What the
    /// administrator keeps of a patient counts before it, and an end that it has is an end.
    pub fn learn(&mut self, server: &ResourceServer, found: &[Record]) {
        let link = match self.elsewhere.get_mut(&server.patient_namespace) {
            Some(link) => link,
            None if server.home => &mut self.home,
            None => return,
        };
        let Records::These(records) = &mut link.records else { return };
        records.retain(|record| !record.looked_up);
        add_looked_up(records, found);
    }

    /// Keeps what was looked up before of who they still are, when they are imported anew.
    pub fn keep_looked_up(&mut self, before: &Self) {
        keep_looked_up(&mut self.home, &before.home);
        for (namespace, link) in &mut self.elsewhere {
            if let Some(before) = before.elsewhere.get(namespace) {
                keep_looked_up(link, before);
            }
        }
    }
}

fn keep_looked_up(link: &mut Link, before: &Link) {
    let (Records::These(records), Records::These(old)) = (&mut link.records, &before.records)
    else {
        return;
    };
    if link.fhir_user == before.fhir_user {
        let found: Vec<_> = old.iter().filter(|record| record.looked_up).cloned().collect();
        add_looked_up(records, &found);
    }
}

fn add_looked_up(records: &mut Vec<Record>, found: &[Record]) {
    for record in found {
        if !records.iter().any(|one| one.patient == record.patient) {
            records.push(record.clone());
        }
    }
}

impl Default for Link {
    fn default() -> Self {
        NOBODY.clone()
    }
}

/// The patient records that a user may put in context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Records {
    /// Any, by searching: clinicians.
    Any,
    /// These, by the id of the `Patient` resource: patients and those who act for them.
    These(Vec<Record>),
}

/// A record that somebody may choose, and what they are to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The id of the `Patient` resource.
    pub patient: String,
    /// What the user is to the patient: `self`, or a role such as `parent`.
    pub role: String,
    /// The `RelatedPerson` resource that links them, where there is one.
    pub related_person: Option<String>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
    /// Whether the FHIR server's own [`RelatedPerson`](crate::related_person) says so; else the administrator does.
    pub looked_up: bool,
}

impl Record {
    /// Whether it counts.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl Records {
    /// Whether the user may put this patient in context (M5).
    #[must_use]
    pub fn admit(&self, patient: &str, now: Timestamp) -> bool {
        let same = |record: &Record| record.patient == patient && record.counts(now);
        match self {
            Self::Any => true,
            Self::These(records) => records.iter().any(same),
        }
    }

    /// The one record, if there is just one.
    #[must_use]
    pub fn only(&self, now: Timestamp) -> Option<&Record> {
        let Self::These(records) = self else { return None };
        let mut counting = records.iter().filter(|record| record.counts(now));
        counting.next().filter(|_| counting.next().is_none())
    }

    /// Adds a record, in the place of what the user was to that patient before.
    ///
    /// # Errors
    /// When they may open any record already.
    pub fn add(&mut self, record: Record) -> Result<(), AnyAlready> {
        let Self::These(records) = self else { return Err(AnyAlready) };
        records.retain(|one| one.patient != record.patient);
        records.push(record);
        Ok(())
    }

    /// Takes a record away; whether it was there.
    pub fn remove(&mut self, patient: &str) -> bool {
        let Self::These(records) = self else { return false };
        let before = records.len();
        records.retain(|record| record.patient != patient);
        records.len() < before
    }
}

/// A record cannot be added to all records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this user may open any record already: there is nothing to link")]
pub struct AnyAlready;

/// A browser in which somebody has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The issuer it is of.
    pub issuer: IssuerId,
    /// What its cookie hashes to.
    pub digest: Digest<SessionToken>,
    /// `sid`: what clients know the session by; not a secret.
    pub sid: String,
    /// Who signed in.
    pub user: UserId,
    /// When they last proved who they are: `auth_time`.
    pub auth_time: Timestamp,
    /// How: `amr` (RFC 8176).
    pub amr: Vec<String>,
    /// When the browser was last seen.
    pub last_seen: Timestamp,
    /// When it ends, whatever happens.
    pub expires_at: Timestamp,
    /// The browser and system in words, for the list of devices.
    pub device: String,
    /// The address it came from.
    pub address: String,
}

impl User {
    /// Whether a sign-in of that time still counts: the account is active, and its password is still the one that
    /// was typed (A13, F7).
    #[must_use]
    pub fn stands_by(&self, auth_time: Timestamp) -> bool {
        usable(self).is_ok() && self.password_changed_at <= auth_time
    }
}

impl Session {
    /// Whether it can still stand for its user.
    #[must_use]
    pub fn is_live(&self, now: Timestamp, idle: Lifetime) -> bool {
        now < self.expires_at && now < self.last_seen.plus(idle)
    }
}

/// Why a user who had signed in counts no more.
///
/// # Errors
/// When the account is disabled (A13, F7).
pub fn usable(user: &User) -> Result<(), Refused> {
    ensure(
        user.status == Status::Active,
        Refused::new(Code::AccessDenied, "this account is disabled"),
    )
}
