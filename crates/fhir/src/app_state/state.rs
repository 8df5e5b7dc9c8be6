//! A state as an app sends it (AS-3), and as it is kept (AS-4).

use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::reference::{Reference, below};

/// The types that a state may be about.
pub const SUBJECTS: [&str; 5] =
    ["Patient", "Practitioner", "PractitionerRole", "RelatedPerson", "Person"];

/// Whose state it is, and of which kind: who may have it depends on this alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// `code.coding.system`: whose codes these are.
    pub system: String,
    /// `code.coding.code`.
    pub code: String,
    /// Whom it is about; nobody where it is global.
    pub subject: Option<Reference>,
}

impl Key {
    /// The subject as `Patient/1`; empty where it is global.
    #[must_use]
    pub fn subject_text(&self) -> String {
        let text = |subject: &Reference| format!("{}/{}", subject.kind, subject.id);
        self.subject.as_ref().map(text).unwrap_or_default()
    }
}

/// A state that follows the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Whose it is.
    pub key: Key,
    resource: Value,
}

/// What is wrong with a state, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{at}: {text}")]
pub struct Invalid {
    /// Where, as a `FHIRPath`.
    pub at: String,
    /// What is wrong.
    pub text: &'static str,
}

impl State {
    /// Reads what is to be created. `primary` is the base of the FHIR server that its subject is on.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn new(resource: Value, primary: &str) -> Result<Self, Invalid> {
        if resource.get("id").is_some() {
            return Err(invalid("Basic.id", "a new state has no id yet: leave it out"));
        }
        if resource.get("meta").is_some_and(|meta| meta.get("versionId").is_some()) {
            return Err(invalid("Basic.meta.versionId", "a new state has no version yet"));
        }
        Self::read(resource, primary)
    }

    /// Reads what is to take the place of the state `id`.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn update(resource: Value, id: &str, primary: &str) -> Result<Self, Invalid> {
        if resource.get("id").and_then(Value::as_str) != Some(id) {
            return Err(invalid("Basic.id", "the id must be that of the address"));
        }
        Self::read(resource, primary)
    }

    fn read(resource: Value, primary: &str) -> Result<Self, Invalid> {
        let members = resource.as_object().ok_or(invalid("Basic", "the body must be an object"))?;
        if members.get("resourceType").and_then(Value::as_str) != Some("Basic") {
            return Err(invalid("Basic.resourceType", "the body must be a Basic"));
        }
        if let Some(name) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            let text = "a state has no such element: what it holds is in its top-level extensions";
            return Err(Invalid { at: format!("Basic.{name}"), text });
        }
        if members.get("meta").is_some_and(|meta| !meta.is_object()) {
            return Err(invalid("Basic.meta", "meta must be an object"));
        }
        extensions(members)?;
        let (system, code) = coding(members)?;
        let subject = members.get("subject").map(|subject| subject_of(subject, primary));
        let key = Key { system, code, subject: subject.transpose()? };
        Ok(Self { key, resource })
    }

    /// The state as it is kept, and answered: all as it was sent, with id, version and time (AS-4).
    #[must_use]
    pub fn persisted(&self, id: &str, version: u64, moment: &str) -> Value {
        let mut resource = self.resource.clone();
        if let Some(members) = resource.as_object_mut() {
            members.insert("id".to_owned(), id.into());
            let meta = members.entry("meta").or_insert_with(|| Value::Object(Map::new()));
            if let Some(meta) = meta.as_object_mut() {
                meta.insert("versionId".to_owned(), version.to_string().into());
                meta.insert("lastUpdated".to_owned(), moment.into());
            }
        }
        resource
    }
}

impl Key {
    /// The smallest resource with this key, for constraints of scopes to be tried on.
    pub(super) fn resource(&self) -> Value {
        let mut resource = json!({
            "resourceType": "Basic",
            "code": { "coding": [{ "system": self.system, "code": self.code }] },
        });
        if let (Some(members), Some(_)) = (resource.as_object_mut(), &self.subject) {
            let subject = json!({ "reference": self.subject_text() });
            members.insert("subject".to_owned(), subject);
        }
        resource
    }
}

/// Extensions are a url and a string, at the top and nowhere below.
fn extensions(members: &Map<String, Value>) -> Result<(), Invalid> {
    let Some(list) = members.get("extension") else { return Ok(()) };
    let list = list.as_array().filter(|list| !list.is_empty());
    let list = list.ok_or(invalid("Basic.extension", "it must be a list that is not empty"))?;
    for (place, extension) in list.iter().enumerate() {
        let at = |text| Err(Invalid { at: format!("Basic.extension[{place}]"), text });
        let Some(parts) = extension.as_object() else { return at("it must be an object") };
        if parts.contains_key("extension") {
            return at("an extension of a state has no extensions of its own");
        }
        if parts.keys().any(|name| !matches!(name.as_str(), "id" | "url" | "valueString")) {
            return at("an extension of a state holds a valueString and nothing else");
        }
        let text = |name: &str| parts.get(name).and_then(Value::as_str);
        if text("url").is_none_or(str::is_empty) || text("valueString").is_none() {
            return at("an extension of a state has a url and a valueString");
        }
    }
    Ok(())
}

/// Exactly one coding, with a system: it says whose state this is.
fn coding(members: &Map<String, Value>) -> Result<(String, String), Invalid> {
    let codings = members.get("code").and_then(|code| code.get("coding")?.as_array());
    let [coding] = codings.map(Vec::as_slice).unwrap_or_default() else {
        return Err(invalid("Basic.code.coding", "a state has exactly one coding"));
    };
    let text = |name: &str| coding.get(name).and_then(Value::as_str).map(str::to_owned);
    let plain = |text: &String| {
        !text.is_empty()
            && !text.contains(|c: char| c == '|' || c.is_whitespace() || c.is_control())
    };
    let system = text("system").filter(plain);
    let system =
        system.ok_or(invalid("Basic.code.coding[0].system", "the coding must have a system"))?;
    let code = text("code").filter(plain);
    let code = code.ok_or(invalid("Basic.code.coding[0].code", "the coding must have a code"))?;
    Ok((system, code))
}

/// An absolute reference to somebody on the primary FHIR server.
fn subject_of(subject: &Value, primary: &str) -> Result<Reference, Invalid> {
    let reference = subject.get("reference").and_then(Value::as_str);
    reference.and_then(|text| absolute(text, primary)).ok_or(invalid(
        "Basic.subject.reference",
        "the subject must be an absolute reference to a Patient, Practitioner, PractitionerRole, RelatedPerson or \
         Person of the FHIR server that the state belongs to",
    ))
}

/// The person that an absolute reference names, if it is one of the primary FHIR server.
pub(super) fn absolute(text: &str, primary: &str) -> Option<Reference> {
    let relative = below(text, primary)?;
    let reference = Reference::parse(relative)?;
    let whole = relative.len() == reference.kind.len() + 1 + reference.id.len();
    (whole && SUBJECTS.contains(&reference.kind.as_str())).then_some(reference)
}

fn invalid(at: &str, text: &'static str) -> Invalid {
    Invalid { at: at.to_owned(), text }
}

/// What a `Basic` of R4 has, but for what nobody could keep an app from hiding something in.
const MEMBERS: [&str; 12] = [
    "resourceType",
    "id",
    "meta",
    "implicitRules",
    "language",
    "text",
    "identifier",
    "code",
    "subject",
    "created",
    "author",
    "extension",
];
