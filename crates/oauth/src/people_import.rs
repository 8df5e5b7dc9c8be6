//! Users from a JSON file. Passwords in the clear are handed to the caller, who hashes them: that takes time
//! on purpose, and belongs on threads of its own.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    client::Status,
    launch::is_fhir_id,
    people::{Link, Links, PasswordHash, Record, Records, User},
    resource_server::is_namespace,
    vocabulary::{IssuerId, Timestamp, UserId},
};

/// A user of a file: all that a [`User`] is, but for the hash of the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The password, or its hash.
    pub password: Password,
    id: UserId,
    username: String,
    name: String,
    links: Links,
    admin: bool,
    email: Option<String>,
    status: Status,
}

/// How a file gives a password. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// `password`: in the clear, still to be hashed.
    Clear(String),
    /// `password_hash`: an Argon2id PHC string.
    Hash(PasswordHash),
    /// Neither: a user who is known already keeps theirs.
    Unchanged,
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A file of users that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Not JSON, or with a member that nobody knows.
    #[error("not a user, nor a list of users, in JSON: {0}")]
    Json(String),
    /// One user of it is wrong.
    #[error("user {username}: {member}: {reason}")]
    User {
        /// Who.
        username: String,
        /// The member that is wrong.
        member: &'static str,
        /// What was expected.
        reason: &'static str,
    },
}

impl NewUser {
    /// Their `sub`.
    #[must_use]
    pub const fn id(&self) -> &UserId {
        &self.id
    }

    /// What they sign in with.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The user, with the hash that the caller made or kept, and when that password came to be.
    #[must_use]
    pub fn into_user(
        self,
        issuer: IssuerId,
        (password, password_changed_at): (PasswordHash, Timestamp),
        now: Timestamp,
    ) -> User {
        User {
            issuer,
            id: self.id,
            username: self.username,
            name: self.name,
            password,
            links: self.links,
            admin: self.admin,
            email: self.email,
            status: self.status,
            password_changed_at,
            updated_at: now,
        }
    }
}

/// Reads a file: one user, or a list of them.
///
/// # Errors
/// When it is not JSON, or the first user that is wrong.
pub fn read_file(text: &[u8]) -> Result<Vec<NewUser>, Unreadable> {
    let several = text.iter().find(|octet| !octet.is_ascii_whitespace()) == Some(&b'[');
    let json = |fault: serde_json::Error| Unreadable::Json(fault.to_string());
    let all = if several {
        serde_json::from_slice::<Vec<Raw>>(text).map_err(json)?
    } else {
        vec![serde_json::from_slice::<Raw>(text).map_err(json)?]
    };
    let mut users: Vec<NewUser> = Vec::with_capacity(all.len());
    for raw in all {
        let user = raw.check()?;
        let same = |other: &NewUser| {
            other.id == user.id || other.username.to_lowercase() == user.username.to_lowercase()
        };
        if users.iter().any(same) {
            return Err(wrong(
                &user.username,
                "username",
                "this user or their sub is in the file twice",
            ));
        }
        users.push(user);
    }
    Ok(users)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    sub: Option<String>,
    username: String,
    name: Option<String>,
    password: Option<String>,
    password_hash: Option<String>,
    #[serde(rename = "fhirUser")]
    fhir_user: Option<String>,
    #[serde(default)]
    records: RawRecords,
    #[serde(default)]
    links: BTreeMap<String, RawLink>,
    #[serde(default)]
    admin: bool,
    email: Option<String>,
    #[serde(default)]
    disabled: bool,
}

/// Who they are where ids of another namespace count.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLink {
    #[serde(rename = "fhirUser")]
    fhir_user: Option<String>,
    #[serde(default)]
    records: RawRecords,
}

/// `"any"`, or a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawRecords {
    Word(String),
    These(Vec<RawRecord>),
}

impl Default for RawRecords {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRecord {
    patient: String,
    role: String,
    related_person: Option<String>,
    /// The last day that it counts.
    until: Option<String>,
}

impl Raw {
    fn check(self) -> Result<NewUser, Unreadable> {
        let username = self.username;
        let fault = |member, reason| wrong(&username, member, reason);
        let sub = self.sub.as_deref().unwrap_or(&username);
        let id = UserId::parse(sub)
            .map_err(|_| fault("sub", "must be 1 to 64 characters of A-Z a-z 0-9 - _ . ~"))?;
        let readable = !username.trim().is_empty()
            && username.len() <= 200
            && !username.chars().any(char::is_control);
        if !readable {
            return Err(fault(
                "username",
                "must be 1 to 200 characters without control characters",
            ));
        }
        let home = RawLink { fhir_user: self.fhir_user, records: self.records };
        let home = home.check().map_err(|(member, reason)| fault(member, reason))?;
        let elsewhere = self.links.into_iter().map(|(namespace, link)| {
            let link = link.check().map_err(|(_, reason)| fault("links", reason))?;
            is_namespace(&namespace)
                .then_some((namespace, link))
                .ok_or_else(|| fault("links", "each is named after a namespace of patient ids"))
        });
        let links = Links { home, elsewhere: elsewhere.collect::<Result<_, _>>()? };
        let password = password(self.password, self.password_hash)
            .map_err(|reason| fault("password", reason))?;
        Ok(NewUser {
            password,
            id,
            name: self.name.unwrap_or_else(|| username.clone()),
            username,
            links,
            admin: self.admin,
            email: self.email,
            status: if self.disabled { Status::Disabled } else { Status::Active },
        })
    }
}

impl RawLink {
    fn check(self) -> Result<Link, (&'static str, &'static str)> {
        if !self.fhir_user.as_deref().is_none_or(is_fhir_user) {
            return Err(("fhirUser", "fhirUser must be such as Practitioner/1 or Patient/1"));
        }
        let records = self.records.check().map_err(|reason| ("records", reason))?;
        Ok(Link { fhir_user: self.fhir_user, records })
    }
}

impl RawRecords {
    fn check(self) -> Result<Records, &'static str> {
        let raw = match self {
            Self::Word(word) if word == "any" => return Ok(Records::Any),
            Self::Word(_) => return Err("must be \"any\" or a list of records"),
            Self::These(raw) => raw,
        };
        let checked = raw.into_iter().map(|raw| {
            let ids = std::iter::once(&raw.patient).chain(&raw.related_person);
            if !ids.into_iter().all(|id| is_fhir_id(id)) {
                return Err("patient and related_person must be FHIR ids");
            }
            if raw.role.trim().is_empty() {
                return Err(
                    "role must say what the user is to the patient, such as self or parent",
                );
            }
            let until = raw.until.as_deref().map(|day| Timestamp::end_of_day(day).ok_or(NO_DAY));
            let until = until.transpose()?;
            let RawRecord { patient, role, related_person, .. } = raw;
            Ok(Record { patient, role, related_person, until, looked_up: false })
        });
        checked.collect::<Result<_, _>>().map(Records::These)
    }
}

const NO_DAY: &str = "until must be the last day that it counts, such as 2027-01-31";

fn password(clear: Option<String>, hash: Option<String>) -> Result<Password, &'static str> {
    match (clear, hash) {
        (Some(_), Some(_)) => Err("use password or password_hash, not both"),
        (Some(clear), None) if clear.chars().count() < 8 => Err("must have at least 8 characters"),
        (Some(clear), None) => Ok(Password::Clear(clear)),
        (None, Some(hash)) if hash.starts_with("$argon2id$") => {
            Ok(Password::Hash(PasswordHash::from_phc(hash)))
        }
        (None, Some(_)) => Err("password_hash must be an Argon2id PHC string"),
        (None, None) => Ok(Password::Unchanged),
    }
}

/// Whether `text` refers to a resource that a user can be (SC-20).
#[must_use]
pub fn is_fhir_user(text: &str) -> bool {
    let types = ["Patient", "Practitioner", "PractitionerRole", "RelatedPerson", "Person"];
    text.split_once('/').is_some_and(|(kind, id)| types.contains(&kind) && is_fhir_id(id))
}

fn wrong(username: &str, member: &'static str, reason: &'static str) -> Unreadable {
    Unreadable::User { username: username.to_owned(), member, reason }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{resource_server::ResourceServer, samples};

    fn read(user: &Value) -> Result<NewUser, Unreadable> {
        read_file(user.to_string().as_bytes()).map(|mut all| all.remove(0))
    }

    #[test]
    fn a_user_is_read_with_their_records_and_without_showing_the_password() {
        let caregiver = read(&json!({
            "username": "caregiver", "password": "fireward-demo", "fhirUser": "RelatedPerson/r1",
            "records": [{"patient": "p1", "role": "parent", "related_person": "r1"}],
        }));
        let caregiver = caregiver.unwrap();
        assert_eq!(caregiver.password, Password::Clear("fireward-demo".into()));
        assert!(!format!("{caregiver:?}").contains("fireward-demo"));
        let now = Timestamp::from_unix(9);
        let hash = PasswordHash::from_phc("$argon2id$".into());
        let user = caregiver.into_user(IssuerId::parse("main").unwrap(), (hash, now), now);
        assert_eq!(user.id.as_str(), "caregiver");
        let own = &user.links.home.records;
        assert!(
            own.admit("p1", Timestamp::from_unix(9)) && !own.admit("p2", Timestamp::from_unix(9))
        );
        let any = read(&json!({"username": "c", "records": "any"})).unwrap();
        assert!(any.links.home.records.admit("p2", Timestamp::from_unix(9)));
    }

    #[test]
    fn row_039_a_person_has_a_patient_id_of_their_own_in_each_namespace() {
        let user = read(&json!({
            "username": "ana", "fhirUser": "Patient/p1", "records": [{"patient": "p1", "role": "self"}],
            "links": {"lab": {"fhirUser": "Patient/l-9", "records": [{"patient": "l-9", "role": "self"}]}},
        }));
        let links = user.unwrap().links;
        let (home, lab, other) =
            (server("default", true), server("lab", false), server("x", false));
        assert_eq!(links.at(None).fhir_user.as_deref(), Some("Patient/p1"));
        assert!(links.at(Some(&home)).records.admit("p1", Timestamp::from_unix(9)));
        let there = links.at(Some(&lab));
        assert_eq!(there.fhir_user.as_deref(), Some("Patient/l-9"));
        assert!(
            there.records.admit("l-9", Timestamp::from_unix(9))
                && !there.records.admit("p1", Timestamp::from_unix(9))
        );
        assert_eq!(
            links.at(Some(&other)),
            &Link::default(),
            "an id of one server is nobody's at another"
        );
        // Named for the home namespace, too, it counts before the short form.
        let links = Links { elsewhere: [("default".into(), Link::default())].into(), ..links };
        assert_eq!(links.at(Some(&home)), &Link::default());
    }

    fn server(namespace: &str, home: bool) -> ResourceServer {
        ResourceServer { patient_namespace: namespace.into(), home, ..samples::server() }
    }

    #[test]
    fn sc_20_a_user_who_is_nobody_in_fhir_terms_is_refused_with_the_member() {
        let cases = [
            (json!({"username": "a", "fhirUser": "Device/1"}), "fhirUser"),
            (json!({"username": "a", "fhirUser": "Patient/"}), "fhirUser"),
            (json!({"username": "a", "password": "short"}), "password"),
            (json!({"username": "a", "password_hash": "$2b$"}), "password"),
            (json!({"username": "a b"}), "sub"),
            (json!({"username": "a\u{7}", "sub": "a"}), "username"),
            (json!({"username": "a", "records": "all"}), "records"),
            (json!({"username": "a", "links": {"lab": {"fhirUser": "Device/1"}}}), "links"),
            (json!({"username": "a", "links": {"": {}}}), "links"),
            (
                json!({"username": "a", "records": [{"patient": "Patient/1", "role": "self"}]}),
                "records",
            ),
        ];
        for (user, expected) in cases {
            let Err(Unreadable::User { member, .. }) = read(&user) else { panic!("{user}") };
            assert_eq!(member, expected, "{user}");
        }
        assert!(matches!(read(&json!({"username": "a", "admn": true})), Err(Unreadable::Json(_))));
        let twice = json!([{"username": "a"}, {"username": "A", "sub": "b"}]);
        assert!(read_file(twice.to_string().as_bytes()).is_err());
    }
}
