//! A batch: each entry is decided and done as a request of its own, in the order of FHIR R4 §3.1.0.11.2 (D-41).

use fireward_fhir::{Bundle, Entry, Interaction, Mode, Permit, permit_bundle};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::bundle::Ours;
use crate::condition::Conditions;
use crate::failure::Failure;
use crate::serve::{Asked, act};
use crate::transaction;

/// `POST /`
pub(crate) async fn bundle(asked: &Asked<'_>, sent: Value) -> Result<Answer, Failure> {
    let bundle = Bundle::read(&sent, &asked.gateway.base)
        .map_err(|bad| Failure::BadBody(bad.to_string()))?;
    let permits = permit_bundle(asked.access(), &bundle, &asked.gateway.rules);
    let permits = permits.map_err(|(_, refused)| Failure::from(refused))?;
    if bundle.mode == Mode::Transaction {
        let permits = permits.into_iter().flatten().collect();
        return transaction::transaction(asked, bundle, permits).await;
    }
    let mut done: Vec<Option<String>> = vec![None; bundle.entries.len()];
    let mut order: Vec<_> = bundle.entries.into_iter().zip(permits).enumerate().collect();
    order.sort_by_key(|(_, (entry, _))| turn(entry));
    for (at, (entry, permit)) in order {
        let answer = match permit {
            Ok(permit) => one(asked, entry, permit).await,
            Err(refused) => Err(refused.into()),
        };
        if let Some(place) = done.get_mut(at) {
            *place = Some(told(answer));
        }
    }
    let entries: Vec<_> = done.into_iter().flatten().collect();
    let bundle = Ours { kind: "batch-response", total: None, links: &[], entries: &entries };
    Ok(Answer::ok(bundle.text()))
}

async fn one(asked: &Asked<'_>, entry: Entry, permit: Permit) -> Result<Answer, Failure> {
    let interaction = entry.asked.clone()?;
    let asked = of_entry(asked, &entry, permit);
    act(&asked, &interaction, entry.resource.clone()).await
}

/// An entry as a request of its own.
pub(crate) fn of_entry<'a>(asked: &Asked<'a>, entry: &'a Entry, permit: Permit) -> Asked<'a> {
    Asked {
        permit,
        query: entry.url.split_once('?').map_or("", |(_, query)| query),
        form: None,
        conditions: Conditions {
            if_match: entry.if_match.clone(),
            if_none_match: entry.if_none_match.clone(),
        },
        ..asked.clone()
    }
}

/// Deletions first, readings last.
fn turn(entry: &Entry) -> u8 {
    match &entry.asked {
        Ok(Interaction::Delete { .. } | Interaction::ConditionalDelete(_)) => 0,
        Ok(Interaction::Create { .. } | Interaction::ConditionalCreate(_)) => 1,
        Ok(asked) if asked.privilege() == fireward_fhir::Privilege::Write => 2,
        Ok(_) | Err(_) => 3,
    }
}

/// The entry of a response.
fn told(answer: Result<Answer, Failure>) -> String {
    match answer {
        Ok(answer) => {
            let response = response(&answer);
            let body = answer.body.map(|body| format!("\"resource\":{body},")).unwrap_or_default();
            format!("{{{body}\"response\":{response}}}")
        }
        Err(failure) => {
            let (status, code) = failure.told();
            let outcome = fireward_fhir::outcome(code, &failure.to_string());
            json!({ "response": { "status": status.to_string(), "outcome": outcome } }).to_string()
        }
    }
}

/// The headers of an answer, as a member of an entry.
pub(crate) fn response(answer: &Answer) -> Value {
    let mut response = json!({ "status": answer.status.to_string() });
    if let Some(members) = response.as_object_mut() {
        for (name, value) in [("etag", &answer.etag), ("location", &answer.location)] {
            members.extend(value.clone().map(|value| (name.to_owned(), value.into())));
        }
    }
    response
}
