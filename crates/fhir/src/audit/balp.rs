//! The vocabulary of IHE Basic Audit Log Patterns (ITI TF-3 5.7), which is DICOM's and HL7's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::access::{Access, TokenFacts};

/// The published version of the patterns that events are made by.
pub const VERSION: &str = "1.1.4";

pub(super) const EVENT_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-event-type";
pub(super) const INTERACTION: &str = "http://hl7.org/fhir/restful-interaction";
pub(super) const SOURCE_TYPE: &str = "http://terminology.hl7.org/CodeSystem/security-source-type";
pub(super) const ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
pub(super) const OBJECT_ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";
pub(super) const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
pub(super) const OWN_ENTITY_TYPE: &str =
    "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
const PROVENANCE_AGENT: &str = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";

/// The patterns, one for each kind of interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Read,
    Query,
    Create,
    Update,
    Delete,
}

impl Family {
    /// Of a code of the value set `restful-interaction`. What is neither about one resource nor a change of one, such as an
    /// operation, is told as a query: by how it was asked.
    pub(super) fn of(code: &str) -> Self {
        match code {
            "read" | "vread" | "history-instance" => Self::Read,
            "create" => Self::Create,
            "update" | "patch" => Self::Update,
            "delete" => Self::Delete,
            _ => Self::Query,
        }
    }

    pub(super) const fn action(self) -> &'static str {
        match self {
            Self::Read => "R",
            Self::Query => "E",
            Self::Create => "C",
            Self::Update => "U",
            Self::Delete => "D",
        }
    }

    pub(super) const fn profile(self, of_patient: bool) -> &'static str {
        match (self, of_patient) {
            (Self::Read, false) => "Read",
            (Self::Read, true) => "PatientRead",
            (Self::Query, false) => "Query",
            (Self::Query, true) => "PatientQuery",
            (Self::Create, false) => "Create",
            (Self::Create, true) => "PatientCreate",
            (Self::Update, false) => "Update",
            (Self::Update, true) => "PatientUpdate",
            (Self::Delete, false) => "Delete",
            (Self::Delete, true) => "PatientDelete",
        }
    }

    /// Which way the data flows, seen from the app. In a query it is the question that flows.
    pub(super) fn client(self) -> Option<Value> {
        match self {
            Self::Read => Some(destination()),
            Self::Query | Self::Create | Self::Update => Some(source()),
            Self::Delete => None,
        }
    }

    pub(super) fn server(self) -> Value {
        match self {
            Self::Read => source(),
            Self::Query | Self::Create | Self::Update => destination(),
            Self::Delete => coding(PROVENANCE_AGENT, "custodian", Some("Custodian")),
        }
    }

    /// What the user is: who gets to know, and whoever changes something is its author as well.
    pub(super) fn user(self) -> Vec<Value> {
        let recipient = coding(PARTICIPATION, "IRCP", Some("information recipient"));
        match self {
            Self::Read | Self::Query => vec![recipient],
            Self::Create | Self::Update | Self::Delete => {
                vec![coding(PARTICIPATION, "AUT", Some("author (originator)")), recipient]
            }
        }
    }
}

fn source() -> Value {
    coding(DICOM, "110153", Some("Source Role ID"))
}

fn destination() -> Value {
    coding(DICOM, "110152", Some("Destination Role ID"))
}

pub(super) fn canonical(profile: &str) -> String {
    format!(
        "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.{profile}|{VERSION}"
    )
}

pub(super) fn coding(system: &str, code: &str, display: Option<&str>) -> Value {
    match display {
        Some(display) => json!({ "system": system, "code": code, "display": display }),
        None => json!({ "system": system, "code": code }),
    }
}

/// The user: by `sub` at the issuer, and by their resource where this server has one.
pub(super) fn who(access: &Access, subject: &str) -> Value {
    let issuer = &access.facts().issuer;
    let identifier = if issuer.is_empty() {
        json!({ "value": subject })
    } else {
        json!({ "system": issuer, "value": subject })
    };
    match access.user().filter(|user| !user.kind.is_empty()) {
        Some(user) => {
            json!({ "reference": format!("{}/{}", user.kind, user.id), "identifier": identifier })
        }
        None => json!({ "identifier": identifier }),
    }
}

/// The national identifier of the user, where the token tells it (ITI TF-3 5.7.5.4).
pub(super) fn npi(facts: &TokenFacts) -> Option<Value> {
    let kind = coding(OTHER_ID_TYPES, "npi", None);
    facts.npi.as_ref().map(|npi| {
        json!({ "url": OTHER_ID, "valueIdentifier": {
            "type": { "coding": [kind] }, "system": "http://hl7.org/fhir/sid/us-npi", "value": npi,
        } })
    })
}

/// The organization that the user acts for, where the token tells it: an agent of its own (ITI TF-3 5.7.5.4).
pub(super) fn organization(facts: &TokenFacts) -> Option<Value> {
    facts.organization.as_ref().map(|name| {
        json!({
            "type": { "coding": [coding(ROLE_CLASS, "PROV", Some("healthcare provider"))] },
            "who": { "display": name },
            "requestor": false,
        })
    })
}

/// `base64Binary` (FHIR R4 §2.24.0.1).
pub(super) fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

const OTHER_ID: &str = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/ihe-otherId";
const OTHER_ID_TYPES: &str = "https://profiles.ihe.net/ITI/BALP/CodeSystem/OtherIdentifierTypes";
const ROLE_CLASS: &str = "http://terminology.hl7.org/CodeSystem/v3-RoleClass";
