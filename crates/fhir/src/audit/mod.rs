//! `AuditEvent` and `Provenance` (FHIR R4 §6.4, §6.3) of what is done with records, as values.
//!
//! Events have the shape of IHE Basic Audit Log Patterns 1.1.4 (D-45). Of a request that touches several patients there
//! is one event for each, so that nobody reads in their own trail who else was looked at.

mod asked;
mod balp;
mod provenance;
mod told;
mod touched;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub use asked::{named, narrowed, tellable};
pub use balp::VERSION;
pub use provenance::provenance;
pub use told::Told;
pub use touched::patients_in;

use crate::access::Access;
use balp::{Family, coding};

/// The type of resource that the trail is made of.
pub const AUDIT_EVENT: &str = "AuditEvent";

/// The type of resource that tells where another comes from.
pub const PROVENANCE: &str = "Provenance";

/// The client that the issuer's own tokens name: it alone may add to the trail from outside.
pub const ISSUERS_OWN_CLIENT: &str = "fireward";

/// Who asks whom, in which request.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The base URL of the FHIR server.
    pub base: String,
    /// The id of the request, as `X-Request-Id` has it.
    pub request: String,
    /// When.
    pub at: OffsetDateTime,
    /// What the token says; none where no token was accepted.
    pub access: Option<Arc<Access>>,
    /// The network address that the request comes from.
    pub address: Option<String>,
}

/// What was done with a resource, or was asked for and refused.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// The code of the interaction in the value set `restful-interaction`.
    pub code: &'a str,
    /// The resource, as `Type/id` with or without a version.
    pub what: Option<&'a str>,
    /// The search as it was asked: path below the base, and query.
    pub query: Option<&'a str>,
    /// Why it was not done: the HTTP status and a sentence.
    pub failure: Option<(u16, &'a str)>,
}

/// The event that says so, of one patient's record or of none.
#[must_use]
pub fn event(id: &str, scene: &Scene, deed: &Deed<'_>, patient: Option<&str>) -> Value {
    let family = Family::of(deed.code);
    let mut event = json!({
        "resourceType": AUDIT_EVENT,
        "id": id,
        "meta": { "profile": profiles(family, scene, deed, patient) },
        "type": coding(balp::EVENT_TYPE, "rest", Some("Restful Operation")),
        "subtype": [coding(balp::INTERACTION, deed.code, Some(deed.code))],
        "action": family.action(),
        "recorded": instant(scene.at),
        "outcome": outcome(deed.failure),
        "agent": agents(family, scene),
        "source": {
            "observer": { "identifier": { "value": scene.base } },
            "type": [coding(balp::SOURCE_TYPE, "3", Some("Web Server"))],
        },
        "entity": entities(family, scene, deed, patient),
    });
    if let (Some((status, why)), Some(members)) = (deed.failure, event.as_object_mut()) {
        members.insert("outcomeDesc".to_owned(), format!("{status}: {why}").into());
    }
    event
}

/// The profiles that the event claims. Those of interactions are of success alone.
fn profiles(family: Family, scene: &Scene, deed: &Deed<'_>, patient: Option<&str>) -> Vec<String> {
    let of = deed.failure.is_none().then(|| family.profile(patient.is_some()));
    let told = scene.access.as_ref().filter(|access| access.facts().jti.is_some());
    let token = told.map(|_| "OAUTHaccessTokenUse.Comprehensive");
    of.into_iter().chain(token).map(balp::canonical).collect()
}

/// FHIR R4 value set `audit-event-outcome`: refused is a minor failure, broken a serious one.
fn outcome(failure: Option<(u16, &str)>) -> &'static str {
    match failure {
        None => "0",
        Some((500.., _)) => "8",
        Some(_) => "4",
    }
}

fn agents(family: Family, scene: &Scene) -> Vec<Value> {
    let server = json!({
        "type": { "coding": [family.server()] },
        "who": { "identifier": { "value": scene.base } },
        "requestor": false,
        "network": { "address": scene.base, "type": "5" },
    });
    let mut agents = vec![app(family, scene), server];
    if let Some(access) = &scene.access {
        agents.extend(user(family, access));
        agents.extend(balp::organization(access.facts()));
    }
    agents
}

/// The app, by the id that it is registered under.
fn app(family: Family, scene: &Scene) -> Value {
    let access = scene.access.as_deref();
    let mut app = Map::new();
    let application = coding(balp::DICOM, "110150", Some("Application"));
    let codings: Vec<_> = family.client().into_iter().chain([application]).collect();
    app.insert("type".into(), json!({ "coding": codings }));
    if let Some(access) = access {
        app.insert("who".into(), json!({ "identifier": { "value": access.client() } }));
        app.insert("name".into(), access.client().into());
        if let Some(jti) = &access.facts().jti {
            app.insert("policy".into(), json!([jti]));
        }
    }
    app.insert("requestor".into(), access.is_none_or(|access| !has_user(access)).into());
    if let Some(address) = &scene.address {
        // Value set `network-type`: an IP address.
        app.insert("network".into(), json!({ "address": address, "type": "2" }));
    }
    Value::Object(app)
}

/// The person on whose behalf the app asks; nobody where it asks for itself.
fn user(family: Family, access: &Access) -> Option<Value> {
    let subject = access.subject().filter(|_| has_user(access))?;
    let facts = access.facts();
    let mut user = Map::new();
    user.insert("type".into(), json!({ "coding": family.user() }));
    user.insert("who".into(), balp::who(access, subject));
    user.insert("name".into(), subject.into());
    user.insert("requestor".into(), true.into());
    if let Some(jti) = &facts.jti {
        user.insert("policy".into(), json!([jti]));
    }
    if let Some(role) = &facts.practitioner_role {
        user.insert("role".into(), json!([{ "text": role }]));
    }
    if let Some(npi) = balp::npi(facts) {
        user.insert("extension".into(), json!([npi]));
    }
    Some(Value::Object(user))
}

fn has_user(access: &Access) -> bool {
    access.subject().is_some_and(|subject| subject != access.client())
}

fn entities(family: Family, scene: &Scene, deed: &Deed<'_>, patient: Option<&str>) -> Vec<Value> {
    let mut entities = vec![json!({
        "what": { "identifier": { "value": scene.request } },
        "type": coding(balp::OWN_ENTITY_TYPE, "XrequestId", None),
    })];
    entities.extend(object(family, scene, deed));
    entities.extend(patient.map(|patient| {
        json!({
            "what": { "reference": format!("Patient/{patient}") },
            "type": coding(balp::ENTITY_TYPE, "1", Some("Person")),
            "role": coding(balp::OBJECT_ROLE, "1", Some("Patient")),
        })
    }));
    let facts = scene.access.as_deref().map(Access::facts);
    let grant = facts.and_then(|facts| facts.grant_id.as_deref());
    entities.extend(grant.map(|grant| {
        json!({
            "what": { "identifier": { "value": grant } },
            "type": coding(balp::ENTITY_TYPE, "4", Some("Other")),
            "role": coding(balp::OBJECT_ROLE, "13", Some("Security Resource")),
        })
    }));
    entities
}

/// The resource, or the search for resources.
fn object(family: Family, scene: &Scene, deed: &Deed<'_>) -> Option<Value> {
    let kind = coding(balp::ENTITY_TYPE, "2", Some("System Object"));
    if family == Family::Query {
        let query = format!("{}/{}", scene.base, deed.query.unwrap_or_default());
        return Some(json!({
            "type": kind,
            "role": coding(balp::OBJECT_ROLE, "24", Some("Query")),
            "query": balp::base64(&query),
        }));
    }
    deed.what.map(|what| {
        json!({
            "what": { "reference": what },
            "type": kind,
            "role": coding(balp::OBJECT_ROLE, "4", Some("Domain Resource")),
        })
    })
}

/// A moment as FHIR writes it, to the millisecond.
fn instant(at: OffsetDateTime) -> String {
    let whole = at.replace_millisecond(at.millisecond()).unwrap_or(at);
    whole.format(&Rfc3339).unwrap_or_default()
}
