//! Batches and transactions: a bundle of interactions, each with a permit of its own (FHIR R4 http.html#transaction; D-41,
//! row 64).

use std::collections::HashSet;

use actix_web::HttpResponse;
use fireward_fhir::reference::below;
use fireward_fhir::search::{BadSearch, Search};
use fireward_fhir::{
    Bundle, Denial, Entry, Interaction, Mode, NotUnderstood, Permit, Refused, Request, links,
    permit_bundle,
};
use fireward_fhir_store::{RecordsError, Several};
use fireward_guard::Bearer;
use fireward_guard::manners::conditional::{Return, preferred_return};
use fireward_guard::manners::negotiate::FHIR_JSON;
use serde_json::Value;

use crate::act::{act, answer, step};
use crate::answer::{Answer, Body};
use crate::ask::Ask;
use crate::failure::{Failure, of_records, request_id};
use crate::serve::Asked;
use crate::trail::Confirmed;

/// `POST /` with a bundle.
pub(crate) async fn several(
    bearer: &Bearer,
    asked: &Asked<'_>,
    bundle: &Value,
) -> Result<HttpResponse, Failure> {
    let server = asked.server;
    let bundle = Bundle::read(bundle, &server.base).map_err(|e| Failure::BadBody(e.to_string()))?;
    let decided = permit_bundle(bearer.access(), &bundle, &server.rules());
    let decided = decided.map_err(|(at, refused)| match refused {
        Refused::Denied(denial) => bearer.refuse(denial).into(),
        Refused::NotUnderstood(fault) => Failure::from(fault).in_entry(at),
    })?;
    let work =
        Work { bearer, asked, bundle: &bundle, returns: preferred_return(asked.request.headers()) };
    let (kind, entries) = match bundle.mode {
        Mode::Batch => ("batch-response", work.batch(decided).await),
        Mode::Transaction => ("transaction-response", work.transaction(decided).await?),
    };
    let confirmed: Vec<_> = entries.iter().filter_map(|one| one.confirmed.as_deref()).collect();
    let confirmed: Vec<_> =
        confirmed.iter().map(|text| format!(",{{\"resource\":{text}}}")).collect();
    let confirmed = confirmed.concat();
    let entries: Vec<_> = entries.iter().map(Answer::entry).collect();
    let entries = if entries.is_empty() {
        String::new()
    } else {
        format!(",\"entry\":[{}]", entries.join(","))
    };
    let body = format!("{{\"resourceType\":\"Bundle\",\"type\":\"{kind}\"{entries}}}");
    let mut answer = HttpResponse::Ok().content_type(FHIR_JSON).body(body.clone());
    if !confirmed.is_empty() {
        let whole = format!(
            "{{\"resourceType\":\"Bundle\",\"entry\":[{{\"resource\":{body}}}{confirmed}]}}"
        );
        answer.extensions_mut().insert(Confirmed(whole));
    }
    Ok(answer)
}

struct Work<'a> {
    bearer: &'a Bearer,
    asked: &'a Asked<'a>,
    bundle: &'a Bundle,
    returns: Return,
}

impl Work<'_> {
    /// Each entry alone, in the order of the specification; the answers in that of the bundle.
    async fn batch(&self, decided: Vec<Result<Permit, Refused>>) -> Vec<Answer> {
        let mut order: Vec<_> = self.bundle.entries.iter().zip(decided).enumerate().collect();
        order.sort_by_key(|(_, (entry, _))| turn(entry));
        let mut answers = Vec::with_capacity(order.len());
        let mut size = 0;
        for (at, (entry, permit)) in order {
            let answer = if size > MOST_ANSWERED {
                Err(Failure::Records(RecordsError::TooCostly))
            } else {
                self.one(entry, permit).await
            };
            let answer = answer.unwrap_or_else(|failure| {
                let (status, outcome) = failure.told(&request_id(self.asked.request));
                Answer { status, body: Body::Outcome(outcome), ..Answer::default() }
            });
            size += answer.size();
            answers.push((at, answer));
        }
        answers.sort_by_key(|(at, _)| *at);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    async fn one(&self, entry: &Entry, permit: Result<Permit, Refused>) -> Result<Answer, Failure> {
        let interaction = entry.asked.as_ref().map_err(Clone::clone)?;
        let permit = permit.map_err(|refused| match refused {
            Refused::Denied(denial) => Failure::from(self.bearer.refuse(denial)),
            Refused::NotUnderstood(fault) => fault.into(),
        })?;
        let server = self.asked.server;
        let kind = permit.kind();
        let ask = Ask::of_entry(interaction, permit, (entry, &server.base), self.returns)?;
        let answer = act(server, &ask).await;
        answer.map_err(|failure| self.worded(failure, kind))
    }

    /// All entries, or none.
    async fn transaction(
        &self,
        decided: Vec<Result<Permit, Refused>>,
    ) -> Result<Vec<Answer>, Failure> {
        let server = self.asked.server;
        let mut asks = Vec::with_capacity(decided.len());
        let mut several = Several::default();
        let mut names = HashSet::new();
        for (at, (entry, permit)) in self.bundle.entries.iter().zip(decided).enumerate() {
            let ask = self.ask(entry, permit).map_err(|failure| failure.in_entry(at))?;
            let name = entry.full_url.as_deref();
            let name = name.map(|url| below(url, &server.base).unwrap_or(url).to_owned());
            if name.as_ref().is_some_and(|name| !names.insert(name.clone())) {
                let text = "two entries have the same fullUrl".to_owned();
                return Err(Failure::BadBody(text).in_entry(at));
            }
            several.steps.push(step(server, &ask).map_err(|failure| failure.in_entry(at))?);
            several.names.push(name);
            self.searches(&ask, &mut several).map_err(|failure| failure.in_entry(at))?;
            asks.push(ask);
        }
        let came = server.records.perform_all(&several, (server.now)()).await;
        let came = came.map_err(|error| {
            let RecordsError::Entry { at, error } = error else {
                return self.worded(Failure::Records(error), "");
            };
            let kind = asks.get(at).map_or("", |ask| ask.permit.kind());
            self.worded(Failure::Records(*error), kind).in_entry(at)
        })?;
        asks.iter().zip(came).map(|(ask, came)| answer(server, ask, came)).collect()
    }

    fn ask<'a>(
        &self,
        entry: &'a Entry,
        permit: Result<Permit, Refused>,
    ) -> Result<Ask<'a>, Failure> {
        let interaction = entry.asked.as_ref().map_err(Clone::clone)?;
        // Refusals have ended the transaction already.
        let permit = permit.map_err(|_| Failure::from(self.bearer.refuse(Denial::NotFound)))?;
        Ask::of_entry(interaction, permit, (entry, &self.asked.server.base), self.returns)
    }

    /// The references of what is written that are searches: whoever writes them must be allowed to search.
    fn searches(&self, ask: &Ask<'_>, several: &mut Several) -> Result<(), Failure> {
        let Ok(resource) = ask.resource() else { return Ok(()) };
        let server = self.asked.server;
        for text in links::searches(resource) {
            if several.searches.iter().any(|(known, ..)| *known == text) {
                continue;
            }
            let (path, query) = text.split_once('?').unwrap_or_default();
            let request =
                Request { method: "GET", path, query, base: &server.base, ..Request::default() };
            let interaction = Interaction::parse(&request)?;
            let permit = self.bearer.permit(&interaction, &server.rules())?;
            if let Interaction::Search(search) = interaction {
                finds_one(&search, &text)?;
                several.searches.push((text, search, permit));
            }
            if several.searches.len() > MOST_SEARCHES {
                return Err(Failure::Records(RecordsError::TooCostly));
            }
        }
        Ok(())
    }

    fn worded(&self, failure: Failure, kind: &'static str) -> Failure {
        let Failure::Records(error) = failure else { return failure };
        of_records(error, kind, |denial| self.bearer.refuse(denial))
    }
}

/// Whether a reference that is a search says what it looks for: otherwise it would find whatever there is, where there is
/// just one.
fn finds_one(search: &Search, text: &str) -> Result<(), Failure> {
    if let Some(name) = search.ignored.first() {
        let unknown = BadSearch::Param { kind: search.kind, name: name.clone() };
        return Err(NotUnderstood::from(unknown).into());
    }
    if search.clauses.is_empty() && search.links.is_empty() {
        return Err(Failure::BadSearch(format!("the reference {text} has no criteria")));
    }
    Ok(())
}

/// When an entry of a batch is done: deletions, creations, changes, and what only reads.
fn turn(entry: &Entry) -> u8 {
    match entry.method.as_str() {
        "DELETE" => 0,
        "POST" => 1,
        "PUT" | "PATCH" => 2,
        _ => 3,
    }
}

/// How much a batch may give back: then its later entries are refused.
const MOST_ANSWERED: usize = 32 * 1024 * 1024;

/// How many references of a transaction may be searches.
const MOST_SEARCHES: usize = 100;
