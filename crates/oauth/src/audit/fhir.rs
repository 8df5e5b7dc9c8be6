//! Entries of the audit log as FHIR R4 `AuditEvent`s, in the vocabulary of DICOM and IHE (ITI TF-1 §9.4, IUA 3.71.5.1),
//! so that what happened at the authorization server is in one trail with what happened at its FHIR servers.

use serde_json::{Value, json};

use super::{Actor, Event, Kind, Outcome};
use crate::vocabulary::Issuer;

/// At which FHIR server a patient's id counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record<'a> {
    /// At the one that the event goes to.
    Here,
    /// At the one with this base URL.
    At(&'a str),
    /// Nobody knows any more.
    Unknown,
}

impl Record<'_> {
    /// The patient, so that an id is never read as that of somebody else.
    fn what(self, patient: &str) -> Value {
        let is_id = patient.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.'));
        match self {
            // What is no id cannot be part of an address.
            _ if !is_id || patient.is_empty() || patient.len() > LONGEST_ID => {
                json!({ "identifier": { "value": text(patient) } })
            }
            Self::Here => json!({ "reference": format!("Patient/{patient}") }),
            Self::At(base) => json!({ "reference": format!("{base}/Patient/{patient}") }),
            Self::Unknown => json!({ "identifier": { "value": patient } }),
        }
    }
}

/// What an entry is in coded words.
struct Coded {
    kind: (&'static str, &'static str),
    subtype: (&'static str, &'static str, &'static str),
}

/// The entry as an `AuditEvent` under an id that is always the same. `record` is where the patient is that it is about.
#[must_use]
pub fn audit_event(id: &str, event: &Event, issuer: &Issuer, record: Record<'_>) -> Value {
    let Coded { kind, subtype } = coded(event.kind);
    let (system, code, display) = subtype;
    let outcome = match event.kind.outcome() {
        Outcome::Success => "0",
        Outcome::Failure => "4",
    };
    let mut told = json!({
        "resourceType": "AuditEvent",
        "id": id,
        "type": coding(DICOM, kind.0, kind.1),
        "subtype": [
            coding(system, code, display),
            { "system": format!("{issuer}/audit"), "code": event.kind.as_str() },
        ],
        "action": "E",
        "recorded": instant(event),
        "outcome": outcome,
        "agent": agents(event, issuer),
        "source": {
            "observer": { "identifier": { "value": issuer.as_str() } },
            "type": [coding(SOURCE_TYPE, "6", "Security Server")],
        },
    });
    let entities = entities(event, record);
    if let Some(members) = told.as_object_mut() {
        if !entities.is_empty() {
            members.insert("entity".to_owned(), entities.into());
        }
        if event.kind.outcome() == Outcome::Failure && !event.detail.is_empty() {
            members.insert("outcomeDesc".to_owned(), text(&event.detail).into());
        }
    }
    told
}

fn coded(kind: Kind) -> Coded {
    const AUTHENTICATION: (&str, &str) = ("110114", "User Authentication");
    const SECURITY: (&str, &str) = ("110113", "Security Alert");
    const ACTIVITY: (&str, &str) = ("110100", "Application Activity");
    const TOKEN: (&str, &str, &str) = (IHE, "ITI-71", "Get Access Token");
    let (kind, subtype) = match kind {
        Kind::LoginSucceeded | Kind::LoginFailed | Kind::LoginThrottled => {
            (AUTHENTICATION, (DICOM, "110122", "Login"))
        }
        Kind::LoggedOut | Kind::DeviceLost => (AUTHENTICATION, (DICOM, "110123", "Logout")),
        Kind::AuthorizationRefused
        | Kind::CodeIssued
        | Kind::TokenIssued
        | Kind::TokenRefused
        | Kind::ClientRefused => (AUTHENTICATION, TOKEN),
        Kind::ConsentGiven | Kind::ConsentDenied | Kind::ConsentWithdrawn | Kind::TokenRevoked => {
            (SECURITY, (DICOM, "110135", "Object Security Attributes Changed"))
        }
        Kind::CodeReplayed | Kind::RefreshReplayed => {
            (SECURITY, (DICOM, "110132", "Use of Restricted Function"))
        }
        Kind::PasswordChanged | Kind::UserChanged => {
            (SECURITY, (DICOM, "110137", "User Security Attributes Changed"))
        }
        Kind::LaunchCreated => (ACTIVITY, (DICOM, "110120", "Application Start")),
        Kind::LaunchWithdrawn => (ACTIVITY, (DICOM, "110121", "Application Stop")),
        Kind::StyleChanged
        | Kind::ClientChanged
        | Kind::ClientRemoved
        | Kind::ResourceServerChanged
        | Kind::ResourceServerRemoved
        | Kind::BrandsChanged
        | Kind::KeyChanged => (SECURITY, (DICOM, "110129", "Security Configuration")),
    };
    Coded { kind, subtype }
}

fn agents(event: &Event, issuer: &Issuer) -> Vec<Value> {
    let by = |kind: &str| event.actor.parts().0 == kind;
    let mut agents = Vec::new();
    let user = match &event.actor {
        Actor::User(id) => Some(id),
        Actor::Client(_) | Actor::Operator | Actor::Anonymous(_) | Actor::System => {
            event.subject.as_ref()
        }
    };
    agents.extend(user.map(|user| {
        json!({
            "type": { "coding": [coding(PARTICIPATION, "IRCP", "information recipient")] },
            "who": { "identifier": { "system": issuer.as_str(), "value": user.as_str() } },
            "name": user.as_str(),
            "requestor": by("user"),
        })
    }));
    let app = match &event.actor {
        Actor::Client(id) => Some(id),
        Actor::User(_) | Actor::Operator | Actor::Anonymous(_) | Actor::System => {
            event.client.as_ref()
        }
    };
    agents.extend(app.map(|client| {
        json!({
            "type": { "coding": [coding(DICOM, "110150", "Application")] },
            "who": { "identifier": { "value": client.as_str() } },
            "name": client.as_str(),
            "requestor": by("client"),
        })
    }));
    agents.extend(nameless(&event.actor));
    agents.push(json!({
        "type": { "coding": [{ "system": AGENT_TYPES, "code": "AuthzOauthService" }] },
        "who": { "identifier": { "value": issuer.as_str() } },
        "network": { "address": issuer.as_str(), "type": "5" },
        "requestor": false,
    }));
    agents
}

/// An actor that is neither a user nor an app.
fn nameless(actor: &Actor) -> Option<Value> {
    match actor {
        Actor::User(_) | Actor::Client(_) => None,
        Actor::Operator => Some(json!({
            "who": { "display": "an operator at the command line" }, "requestor": true,
        })),
        Actor::System => Some(json!({
            "who": { "display": "the authorization server itself" }, "requestor": true,
        })),
        Actor::Anonymous(address) => Some(json!({
            "who": { "display": "somebody who is not known yet" },
            "network": { "address": text(address), "type": "2" },
            "requestor": true,
        })),
    }
}

fn entities(event: &Event, record: Record<'_>) -> Vec<Value> {
    let request = event.request.as_ref().map(|request| {
        json!({
            "what": { "identifier": { "value": request.as_str() } },
            "type": { "system": OWN_ENTITY_TYPE, "code": "XrequestId" },
        })
    });
    let patient = event.patient.as_ref().map(|patient| {
        json!({
            "what": record.what(patient),
            "type": coding(ENTITY_TYPE, "1", "Person"),
            "role": coding(OBJECT_ROLE, "1", "Patient"),
        })
    });
    let said = event.kind.outcome() == Outcome::Success && !event.detail.is_empty();
    let grant = (event.grant.is_some() || said).then(|| {
        let mut grant = json!({
            "type": coding(ENTITY_TYPE, "4", "Other"),
            "role": coding(OBJECT_ROLE, "13", "Security Resource"),
        });
        if let (Some(id), Some(members)) = (&event.grant, grant.as_object_mut()) {
            members.insert("what".to_owned(), json!({ "identifier": { "value": id.as_str() } }));
        }
        if let (true, Some(members)) = (said, grant.as_object_mut()) {
            let detail = json!([{ "type": "detail", "valueString": text(&event.detail) }]);
            members.insert("detail".to_owned(), detail);
        }
        grant
    });
    request.into_iter().chain(patient).chain(grant).collect()
}

/// RFC 3339, in seconds, as entries are.
fn instant(event: &Event) -> String {
    let at = time::OffsetDateTime::from_unix_timestamp(event.at.unix());
    let at = at.unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// A text as FHIR has it: neither empty nor with characters that no text has. An event holds what somebody sent, and one
/// that a server refuses would hold up all that come after it.
fn text(said: &str) -> String {
    let kept: String = said
        .chars()
        .map(|c| if c.is_control() && !matches!(c, '\t' | '\r' | '\n') { ' ' } else { c })
        .collect();
    if kept.trim().is_empty() { NOTHING.to_owned() } else { kept }
}

fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({ "system": system, "code": code, "display": display })
}

/// Of an id of a FHIR resource (FHIR R4 datatypes.html#id).
const LONGEST_ID: usize = 64;

/// Stands for a text that is none.
const NOTHING: &str = "?";

const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const IHE: &str = "urn:ihe:event-type-code";
const SOURCE_TYPE: &str = "http://terminology.hl7.org/CodeSystem/security-source-type";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const OBJECT_ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";
const AGENT_TYPES: &str = "https://profiles.ihe.net/ITI/BALP/CodeSystem/UserAgentTypes";
const OWN_ENTITY_TYPE: &str = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{ClientId, GrantId, IssuerId, RequestId, Timestamp, UserId};

    fn entry(kind: Kind, actor: Actor) -> Event {
        let issuer = IssuerId::parse("main").unwrap();
        Event {
            request: Some(RequestId::parse("r1").unwrap()),
            client: Some(ClientId::parse("growth-chart").unwrap()),
            subject: Some(UserId::parse("alice").unwrap()),
            patient: Some("a".to_owned()),
            grant: Some(GrantId::parse("g1").unwrap()),
            detail: "patient/*.rs".to_owned(),
            ..Event::new(issuer, Timestamp::from_unix(1_700_000_000), actor, kind)
        }
    }

    fn told(kind: Kind, actor: Actor) -> Value {
        let issuer = Issuer::parse("http://localhost:8080").unwrap();
        audit_event("e1", &entry(kind, actor), &issuer, Record::Here)
    }

    #[test]
    fn a_patient_of_another_server_is_not_taken_for_one_of_this() {
        let event = entry(Kind::ConsentGiven, Actor::System);
        let issuer = Issuer::parse("http://localhost:8080").unwrap();
        let what = |record| audit_event("e1", &event, &issuer, record)["entity"][1]["what"].clone();
        assert_eq!(
            what(Record::At("https://lab/fhir")),
            json!({ "reference": "https://lab/fhir/Patient/a" })
        );
        assert_eq!(what(Record::Unknown), json!({ "identifier": { "value": "a" } }));
    }

    #[test]
    fn row_052_every_kind_is_told_with_who_what_and_how_it_ended() {
        let user = Actor::User(UserId::parse("alice").unwrap());
        let client = Actor::Client(ClientId::parse("growth-chart").unwrap());
        let stranger = Actor::Anonymous("192.0.2.7".to_owned());
        let actors = [&user, &client, &stranger, &Actor::Operator, &Actor::System];
        let every = Kind::VARIANTS.iter().flat_map(|kind| actors.map(|actor| (*kind, actor)));
        for (kind, actor) in every {
            let told = told(kind, actor.clone());
            let failed = kind.outcome() == Outcome::Failure;
            let outcome = if failed { "4" } else { "0" };
            assert_eq!(
                (&told["outcome"], &told["subtype"][1]["code"]),
                (&json!(outcome), &json!(kind.as_str()))
            );
            assert_eq!(told.get("outcomeDesc").is_some(), failed);
            let agents = told["agent"].as_array().unwrap();
            let asking = agents.iter().filter(|agent| agent["requestor"] == true);
            assert_eq!(asking.count(), 1, "{told}");
            assert_eq!(told["entity"][1]["what"]["reference"], "Patient/a");
        }
    }

    #[test]
    fn row_054_a_token_is_told_as_iti_71() {
        let client = Actor::Client(ClientId::parse("growth-chart").unwrap());
        let told = told(Kind::TokenIssued, client);
        assert_eq!(
            (&told["type"]["code"], &told["subtype"][0]["code"]),
            (&json!("110114"), &json!("ITI-71"))
        );
        assert_eq!(told["recorded"], "2023-11-14T22:13:20Z");
        assert_eq!(told["entity"][2]["detail"][0]["valueString"], "patient/*.rs");
        assert_eq!(told["entity"][2]["what"]["identifier"]["value"], "g1");
    }
}
