//! A transaction: every entry is judged, with what is stored and what would be, before any of it goes on. The server behind
//! does it whole, for the versions that were judged (D-40, row 64).

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use fireward_fhir::patch::Patch;
use fireward_fhir::search::Search;
use fireward_fhir::{Bundle, Entry, Interaction, NotUnderstood, Permit};
use fireward_outbound::Verb;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::batch::{of_entry, response};
use crate::bundle::Ours;
use crate::condition::tag;
use crate::failure::{Failure, Fault};
use crate::serve::Asked;
use crate::write::{self, Current};
use crate::{body, conditional, patch, upstream};

/// An entry as it goes on, or what is known of it already.
enum Step {
    Sent { kind: &'static str, id: Option<String>, created: bool, entry: Value },
    Done(Answer),
}

/// `POST /` of a transaction whose entries the token allows.
pub(crate) async fn transaction(
    asked: &Asked<'_>,
    bundle: Bundle,
    permits: Vec<Permit>,
) -> Result<Answer, Failure> {
    let mut steps = Vec::new();
    let mut places = HashSet::new();
    let known = known(&bundle);
    for (mut entry, permit) in bundle.entries.into_iter().zip(permits) {
        if let Some(resource) = &mut entry.resource {
            settle(resource, &known);
        }
        let one = of_entry(asked, &entry, permit);
        let step = step(&one, &entry).await?;
        if let Step::Sent { kind, id: Some(id), .. } = &step
            && !places.insert(format!("{kind}/{id}"))
        {
            return Err(Failure::BadBody(format!("{kind}/{id} is written twice")));
        }
        steps.push(step);
    }
    let sent: Vec<_> = steps.iter().filter_map(Step::sent).collect();
    let mut answers =
        if sent.is_empty() { Vec::new() } else { send(asked, &sent).await? }.into_iter();
    let mut entries = Vec::new();
    for step in steps {
        let answer = match step {
            Step::Done(answer) => answer,
            Step::Sent { kind, id, created, .. } => {
                let heard = answers.next().ok_or(Fault::Unproven(LENGTH))?;
                heard.answer(asked, (kind, id.as_deref()), created)?
            }
        };
        entries.push(json!({ "response": response(&answer) }).to_string());
    }
    if answers.next().is_some() {
        return Err(Fault::Unproven(LENGTH).into());
    }
    let bundle = Ours { kind: "transaction-response", total: None, links: &[], entries: &entries };
    Ok(Answer::ok(bundle.text()))
}

/// What becomes of an entry.
async fn step(asked: &Asked<'_>, entry: &Entry) -> Result<Step, Failure> {
    let sent = || entry.resource.clone();
    match entry.asked.clone()? {
        Interaction::Create { kind } => {
            let resource = body::resource(asked.gateway, sent(), kind)?;
            create(asked, entry, kind, resource)
        }
        Interaction::ConditionalCreate(wanted) => once(asked, entry, &wanted).await,
        Interaction::Update { kind, id } => {
            let mut resource = body::resource(asked.gateway, sent(), kind)?;
            if resource.get("id").and_then(Value::as_str) != Some(&id) {
                return Err(Failure::BadBody(format!("the id of a resource is not {id}")));
            }
            write::may_be_written(asked, kind, &mut resource)?;
            let current = write::current(asked, (kind, &id)).await?;
            put(asked, entry, (kind, id), (resource, &current))
        }
        Interaction::Patch { kind, id } => {
            let changes = Patch::parameters(&sent().unwrap_or_default())?;
            let (patched, current) = patch::patched(asked, (kind, &id), &changes).await?;
            put(asked, entry, (kind, id), (patched, &current))
        }
        Interaction::Delete { kind, id } => delete(asked, (kind, id)).await,
        Interaction::ConditionalDelete(wanted) => {
            let found = conditional::find(asked, &wanted).await?;
            let found = found.ok_or(Failure::Missing)?;
            delete(asked, (wanted.kind, found.id().unwrap_or_default().to_owned())).await
        }
        // What is read within a transaction would come back unjudged, or outside of it.
        Interaction::ConditionalUpdate(_)
        | Interaction::ConditionalPatch(_)
        | Interaction::Read { .. }
        | Interaction::VersionRead { .. }
        | Interaction::History { .. }
        | Interaction::TypeHistory { .. }
        | Interaction::SystemHistory { .. }
        | Interaction::Search(_)
        | Interaction::Everything(_)
        | Interaction::Validate { .. }
        | Interaction::Bundle
        | Interaction::Capabilities => {
            Err(NotUnderstood::Unsupported("reading or a conditional update in a transaction")
                .into())
        }
    }
}

/// A create that is done already where the search finds something.
async fn once(asked: &Asked<'_>, entry: &Entry, wanted: &Search) -> Result<Step, Failure> {
    let resource = body::resource(asked.gateway, entry.resource.clone(), wanted.kind)?;
    let Some(found) = conditional::find(asked, wanted).await? else {
        return create(asked, entry, wanted.kind, resource);
    };
    let id = found.id().unwrap_or_default();
    let location = Some(format!("{}/{}/{id}", asked.gateway.base, wanted.kind));
    Ok(Step::Done(Answer { status: 200, location, ..Answer::default() }))
}

fn create(
    asked: &Asked<'_>,
    entry: &Entry,
    kind: &'static str,
    mut resource: Value,
) -> Result<Step, Failure> {
    if let Some(members) = resource.as_object_mut() {
        members.remove("id");
    }
    write::may_be_written(asked, kind, &mut resource)?;
    let mut sent = json!({ "request": { "method": "POST", "url": kind }, "resource": resource });
    name(&mut sent, entry);
    Ok(Step::Sent { kind, id: None, created: true, entry: sent })
}

fn put(
    asked: &Asked<'_>,
    entry: &Entry,
    (kind, id): (&'static str, String),
    (resource, current): (Value, &Current),
) -> Result<Step, Failure> {
    let request = request(asked, ("PUT", &format!("{kind}/{id}")), current)?;
    let mut sent = json!({ "request": request, "resource": resource });
    name(&mut sent, entry);
    let created = matches!(current, Current::Absent);
    Ok(Step::Sent { kind, id: Some(id), created, entry: sent })
}

async fn delete(asked: &Asked<'_>, (kind, id): (&'static str, String)) -> Result<Step, Failure> {
    let current = write::current(asked, (kind, &id)).await?;
    if matches!(current, Current::Absent) {
        return Err(Failure::Missing);
    }
    let request = request(asked, ("DELETE", &format!("{kind}/{id}")), &current)?;
    Ok(Step::Sent { kind, id: Some(id), created: false, entry: json!({ "request": request }) })
}

fn request(
    asked: &Asked<'_>,
    (method, url): (&str, &str),
    current: &Current,
) -> Result<Value, Failure> {
    let mut request = Map::new();
    request.insert("method".to_owned(), method.into());
    request.insert("url".to_owned(), url.into());
    if let Some((header, value)) = write::only_if(asked, current)?.0 {
        let name = if header == "if-match" { "ifMatch" } else { "ifNoneMatch" };
        request.insert(name.to_owned(), value.into());
    }
    Ok(request.into())
}

/// The name by which other entries refer to an entry.
fn name(sent: &mut Value, entry: &Entry) {
    let urn = entry.full_url.as_deref().filter(|url| url.starts_with("urn:uuid:"));
    if let (Some(urn), Some(members)) = (urn, sent.as_object_mut()) {
        members.insert("fullUrl".to_owned(), urn.into());
    }
}

/// Entries that have a name, and of which it is known where they are.
fn known(bundle: &Bundle) -> HashMap<String, String> {
    let place = |entry: &Entry| match &entry.asked {
        Ok(Interaction::Update { kind, id }) => {
            Some((entry.full_url.clone()?, format!("{kind}/{id}")))
        }
        _ => None,
    };
    bundle.entries.iter().filter_map(place).collect()
}

/// Puts the places of entries for their names, so that what is judged is what will be stored.
fn settle(json: &mut Value, known: &HashMap<String, String>) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(|item| settle(item, known)),
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("reference")
                && let Some(place) = known.get(reference)
            {
                reference.clone_from(place);
            }
            members.values_mut().for_each(|member| settle(member, known));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Step {
    fn sent(&self) -> Option<&Value> {
        match self {
            Self::Sent { entry, .. } => Some(entry),
            Self::Done(_) => None,
        }
    }
}

async fn send(asked: &Asked<'_>, entries: &[&Value]) -> Result<Vec<Heard>, Failure> {
    let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries });
    let bytes = Bytes::from(bundle.to_string());
    let headers = [("prefer", "return=minimal")];
    let request =
        upstream::Asked { verb: Verb::Post, target: "", headers: &headers, body: Some(&bytes) };
    let heard = asked.gateway.upstream.ask(request).await?;
    if heard.status != 200 {
        return Err(heard.refused());
    }
    let told: Wire = fireward_jose::json::from_slice(heard.json()?)
        .map_err(|_| Fault::Unproven("it is no response to a transaction"))?;
    if told.kind != "transaction-response" {
        return Err(Fault::Unproven("it is no response to a transaction").into());
    }
    Ok(told.entry.into_iter().map(|entry| entry.response).collect())
}

impl Heard {
    /// Status, place and version: of what was sent, nothing else comes back.
    fn answer(
        self,
        asked: &Asked<'_>,
        (kind, id): (&str, Option<&str>),
        created: bool,
    ) -> Result<Answer, Failure> {
        let base = &asked.gateway.base;
        let status = self.status.split(' ').next().and_then(|status| status.parse().ok());
        let status = status.filter(|status| (200..300).contains(status));
        let status = status.ok_or(Fault::Unproven("an entry of a transaction has failed alone"))?;
        let at = self.location.and_then(|at| asked.gateway.upstream.link(&at));
        let place = at.as_deref().and_then(|at| write::placed(at, kind));
        if created && id.is_none() && place.is_none() {
            return Err(Fault::Unproven("it does not say where it has put a resource").into());
        }
        let place = place.filter(|(found, _)| id.is_none_or(|id| id == *found));
        let location = place.map(|(id, version)| match version {
            Some(version) => format!("{base}/{kind}/{id}/_history/{version}"),
            None => format!("{base}/{kind}/{id}"),
        });
        let etag = self.etag.as_deref().and_then(tag);
        Ok(Answer { status, etag, location, ..Answer::default() })
    }
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    entry: Vec<WireEntry>,
}

#[derive(Deserialize)]
struct WireEntry {
    response: Heard,
}

#[derive(Deserialize)]
struct Heard {
    status: String,
    location: Option<String>,
    etag: Option<String>,
}

const LENGTH: &str = "it answers another number of entries than it was sent";
