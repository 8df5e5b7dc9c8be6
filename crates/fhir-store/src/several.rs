//! Several steps that succeed or fail together: a transaction of FHIR as one of the database (FHIR R4 http.html#trules).

use std::collections::{BTreeMap, HashSet};

use fireward_fhir::search::Search;
use fireward_fhir::{Permit, links};
use sea_orm::DatabaseTransaction;
use time::OffsetDateTime;

use crate::error::RecordsError;
use crate::matching::{only, queue};
use crate::records::Records;
use crate::step::{Done, Settled, Step};
use crate::transaction::transact;

/// What succeeds or fails together.
#[derive(Debug, Clone, Default)]
pub struct Several {
    /// The steps, in the order of the bundle; they are done in that of the specification.
    pub steps: Vec<Step>,
    /// By which address the others refer to what a step writes, where it has one.
    pub names: Vec<Option<String>>,
    /// References that are searches, such as `Patient?identifier=x`, with what allows them.
    pub searches: Vec<(String, Search, Permit)>,
}

impl Records {
    /// Does all of the steps, or none. What came of them is in the order of the bundle.
    ///
    /// # Errors
    /// `Entry` with the step that is at fault, or ours; nothing has changed then.
    pub async fn perform_all(
        &self,
        several: &Several,
        now: OffsetDateTime,
    ) -> Result<Vec<Done>, RecordsError> {
        transact(&self.database, async |tx| self.all(tx, several, now).await).await
    }

    async fn all(
        &self,
        tx: &DatabaseTransaction,
        several: &Several,
        now: OffsetDateTime,
    ) -> Result<Vec<Done>, RecordsError> {
        if !several.searches.is_empty() || several.steps.iter().any(|s| s.action.is_conditional()) {
            queue(tx).await?;
        }
        let mut order: Vec<_> = several.steps.iter().enumerate().collect();
        order.sort_by_key(|(_, step)| step.action.turn());
        let deletions = order.partition_point(|(_, step)| step.action.turn() == 0);
        let (first, rest) = order.split_at(deletions);
        let mut done: Vec<(usize, Done)> = Vec::with_capacity(order.len());
        let mut written = Names::default();
        for (at, step) in first {
            let settled = self.settle(tx, step).await.map_err(|error| error.in_entry(*at))?;
            written.add(*at, &settled)?;
            let one = self.step(tx, (step, &settled), now).await;
            done.push((*at, one.map_err(|error| error.in_entry(*at))?));
        }
        // Every address stands fast before the first resource that may refer to it is written.
        let mut settled = Vec::with_capacity(rest.len());
        for (at, step) in rest {
            let one = self.settle(tx, step).await.map_err(|error| error.in_entry(*at))?;
            written.add(*at, &one)?;
            settled.push(one);
        }
        let mut size = 0;
        let targets = self.targets(tx, several, rest, &settled).await?;
        for ((at, step), settled) in rest.iter().zip(&settled) {
            let mut step = (*step).clone();
            let root = several.names.get(*at).and_then(Option::as_deref);
            if let Some(resource) = step.action.resource_mut() {
                links::rewrite(resource, root, &targets)
                    .map_err(|error| RecordsError::from(error).in_entry(*at))?;
            }
            let one = self.step(tx, (&step, settled), now).await;
            let one = one.map_err(|error| error.in_entry(*at))?;
            size += one.size();
            if size > MOST_GIVEN_BACK {
                return Err(RecordsError::TooCostly.in_entry(*at));
            }
            done.push((*at, one));
        }
        done.sort_by_key(|(at, _)| *at);
        Ok(done.into_iter().map(|(_, done)| done).collect())
    }

    /// What the addresses and searches in references stand for.
    async fn targets(
        &self,
        tx: &DatabaseTransaction,
        several: &Several,
        rest: &[(usize, &Step)],
        settled: &[Settled],
    ) -> Result<BTreeMap<String, String>, RecordsError> {
        let mut targets = BTreeMap::new();
        for ((at, _), settled) in rest.iter().zip(settled) {
            let name = several.names.get(*at).and_then(Option::as_ref);
            if let (Some(name), Some((kind, id))) = (name, settled.name()) {
                targets.insert(name.clone(), format!("{kind}/{id}"));
            }
        }
        for (text, search, permit) in &several.searches {
            let found = only(tx, permit, search).await?;
            let found = found.ok_or_else(|| RecordsError::Unresolved(text.clone()))?;
            targets.insert(text.clone(), format!("{}/{}", found.kind, found.id));
        }
        Ok(targets)
    }
}

/// What has been spoken for: of two entries about one resource, neither could be told what came of it.
#[derive(Default)]
struct Names(HashSet<(String, String)>);

impl Names {
    fn add(&mut self, at: usize, settled: &Settled) -> Result<(), RecordsError> {
        // Several may find that one is there already: that changes nothing.
        let Settled::Is { kind, id, .. } = settled else { return Ok(()) };
        let new = self.0.insert(((*kind).to_owned(), id.clone()));
        let twice = || RecordsError::Twice(format!("{kind}/{id}")).in_entry(at);
        new.then_some(()).ok_or_else(twice)
    }
}

/// How many octets may come of one transaction.
const MOST_GIVEN_BACK: usize = 32 * 1024 * 1024;
