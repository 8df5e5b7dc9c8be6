//! From what is asked to a step of the records, and from what came of it to the answer.

use fireward_fhir::audit::AUDIT_EVENT;
use fireward_fhir::search::{Search, pairs};
use fireward_fhir::shape::Shape;
use fireward_fhir::{Interaction, NotUnderstood};
use fireward_fhir_store::{Action, Done, Precondition, RecordsError, Step, Stored, Target};
use fireward_guard::manners::conditional::Return;
use serde_json::Value;

use crate::answer::{Answer, Body, done};
use crate::ask::Ask;
use crate::body::Content;
use crate::failure::Failure;
use crate::history;
use crate::search::{Found, Signer, not_given, searchset};
use crate::server::FhirServer;

/// Does what is asked, alone.
pub(crate) async fn act(server: &FhirServer, ask: &Ask<'_>) -> Result<Answer, Failure> {
    let step = step(server, ask)?;
    let done = server.records.perform(&step, (server.now)()).await?;
    answer(server, ask, done)
}

/// What is asked, as a step.
pub(crate) fn step(server: &FhirServer, ask: &Ask<'_>) -> Result<Step, Failure> {
    let is = |kind, id: &str| Target::Is(kind, id.to_owned());
    let action = match ask.interaction {
        Interaction::Read { kind, id } => Action::Read { kind, id: id.clone(), version: None },
        Interaction::VersionRead { kind, id, version } => {
            let version = version.parse().map_err(|_| RecordsError::Missing)?;
            Action::Read { kind, id: id.clone(), version: Some(version) }
        }
        // The entries of a bundle are given no marks.
        Interaction::History { versions, .. }
        | Interaction::TypeHistory { versions, .. }
        | Interaction::SystemHistory { versions }
            if versions.page.is_some() =>
        {
            return Err(not_given());
        }
        Interaction::History { kind, id, versions } => {
            Action::History { of: Some((kind, id.clone())), versions: versions.clone() }
        }
        Interaction::TypeHistory { versions, .. } | Interaction::SystemHistory { versions } => {
            Action::History { of: None, versions: versions.clone() }
        }
        Interaction::Search(search) => Action::Search(search.clone()),
        Interaction::Create { kind } => create(server, ask, kind, None)?,
        Interaction::ConditionalCreate(search) => create(server, ask, search.kind, Some(search))?,
        Interaction::Update { kind, id } => update(server, ask, is(kind, id))?,
        Interaction::ConditionalUpdate(search) => {
            let chosen = ask.resource()?.get("id").and_then(Value::as_str);
            let otherwise = chosen.map_or_else(|| (server.new_id)(), str::to_owned);
            let (criteria, chosen) = (Box::new(search.clone()), chosen.is_some());
            update(server, ask, Target::Meets { criteria, otherwise, chosen })?
        }
        Interaction::Patch { kind, id } => patch(server, ask, is(kind, id))?,
        Interaction::ConditionalPatch(search) => patch(server, ask, meets(search))?,
        Interaction::Delete { kind, id } => {
            Action::Delete { target: is(kind, id), only_if: known(server, ask)? }
        }
        Interaction::ConditionalDelete(search) => {
            Action::Delete { target: meets(search), only_if: ask.precondition()? }
        }
        Interaction::Capabilities
        | Interaction::Bundle
        | Interaction::Everything(_)
        | Interaction::Validate { .. } => {
            return Err(NotUnderstood::Unsupported("this as an entry of a bundle").into());
        }
    };
    Ok(Step { permit: ask.permit.clone(), action })
}

fn meets(search: &Search) -> Target {
    Target::Meets { criteria: Box::new(search.clone()), otherwise: String::new(), chosen: false }
}

fn create(
    server: &FhirServer,
    ask: &Ask<'_>,
    kind: &'static str,
    unless: Option<&Search>,
) -> Result<Action, Failure> {
    let (resource, id) = (ask.resource()?.clone(), (server.new_id)());
    Ok(Action::Create { kind, id, unless: unless.cloned(), resource })
}

fn update(server: &FhirServer, ask: &Ask<'_>, target: Target) -> Result<Action, Failure> {
    let resource = ask.resource()?.clone();
    if let Target::Is(_, id) = &target
        && resource.get("id").and_then(Value::as_str) != Some(id)
    {
        let text = format!("the id of the body is not {id}, as the address has it");
        return Err(Failure::BadBody(text));
    }
    // The audit trail grows, and nothing in it is replaced.
    let only_if = match ask.interaction.kind() {
        Some(AUDIT_EVENT) => Precondition::Absent,
        _ => known(server, ask)?,
    };
    Ok(Action::Update { only_if, target, resource })
}

fn patch(server: &FhirServer, ask: &Ask<'_>, target: Target) -> Result<Action, Failure> {
    let Content::Patch(patch) = &ask.content else {
        return Err(Failure::BadBody("a patch must be sent".to_owned()));
    };
    Ok(Action::Patch { only_if: known(server, ask)?, target, patch: patch.clone() })
}

/// The precondition of a change, which a site may demand (RFC 6585 §3).
fn known(server: &FhirServer, ask: &Ask<'_>) -> Result<Precondition, Failure> {
    let precondition = ask.precondition()?;
    if server.demands_versions && precondition == Precondition::None {
        return Err(Failure::VersionNeeded);
    }
    Ok(precondition)
}

/// What came of a step, as an answer.
pub(crate) fn answer(server: &FhirServer, ask: &Ask<'_>, came: Done) -> Result<Answer, Failure> {
    let base = &server.base;
    Ok(match came {
        Done::Read(stored) => read(base, ask, stored),
        Done::Written { stored, created, shown } => {
            written(base, ask, (if created { 201 } else { 200 }, stored, shown))
        }
        Done::Existing { stored, shown } => {
            let confirmed = Some(stored.body.clone());
            let answer = written(base, ask, (200, stored, shown));
            Answer { confirmed, unwritten: true, ..answer }
        }
        Done::Deleted(None) => Answer { status: 204, unwritten: true, ..Answer::default() },
        Done::Deleted(version) if ask.returns == Return::OperationOutcome => {
            Answer { status: 200, version, body: Body::Outcome(done()), ..Answer::default() }
        }
        Done::Deleted(version) => Answer { status: 204, version, ..Answer::default() },
        Done::Found(page) => {
            let Interaction::Search(search) = ask.interaction else {
                return Err(NotUnderstood::Unsupported("a search here").into());
            };
            let (_, query) = ask.target.split_once('?').unwrap_or_default();
            let signer = Signer::without(server, search.kind.to_owned(), &[query])?;
            let Found { text, whole } = searchset(&signer, search, page);
            let body = Body::Resource(text);
            Answer { status: 200, body, confirmed: whole, ..Answer::default() }
        }
        Done::Past(past) => {
            let (path, query) = ask.target.split_once('?').unwrap_or((&ask.target, ""));
            let signer = Signer::without(server, path.to_owned(), &[query])?;
            history::page(&signer, None, &past)
        }
    })
}

fn read(base: &str, ask: &Ask<'_>, stored: Stored) -> Answer {
    // After the permit, so that a 304 tells nobody anything new (D-39). A version never changes.
    let current = matches!(ask.interaction, Interaction::Read { .. });
    if current && ask.knows(stored.version, stored.last_updated) {
        let (version, confirmed) = (Some(stored.version), Some(stored.body));
        return Answer { status: 304, version, confirmed, ..Answer::default() };
    }
    shaped(ask, Answer::version(200, base, stored))
}

/// As much of the resource as `_summary` or `_elements` asks for. The trail is told by the whole of it: whose it is may be
/// in what is left out.
fn shaped(ask: &Ask<'_>, whole: Answer) -> Answer {
    let (_, query) = ask.target.split_once('?').unwrap_or_default();
    let shape = Shape::of(&pairs(query).unwrap_or_default());
    let Body::Resource(text) = &whole.body else { return whole };
    if shape == Shape::Whole {
        return whole;
    }
    let Ok(resource) = serde_json::from_str(text) else { return whole };
    let body = Body::Resource(shape.apply(&resource).to_string());
    let confirmed = Some(text.clone());
    Answer { body, confirmed, ..whole }
}

fn written(base: &str, ask: &Ask<'_>, (status, stored, shown): (u16, Stored, bool)) -> Answer {
    let returns = match ask.returns {
        // To write is not to read (SC-2).
        Return::Representation if !shown => Return::Minimal,
        Return::Representation => Return::Representation,
        Return::Minimal => Return::Minimal,
        Return::OperationOutcome => Return::OperationOutcome,
    };
    let answer = Answer::version(status, base, stored.clone());
    answer.of_write(base, &stored, returns)
}
