//! Working on exports: a few at a time, each a step after the other, on whichever node is free.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::{rt, web};
use fireward_fhir::export::Export;
use fireward_fhir_store::{Job, List, Place, RecordsError, Walk};

use super::asked;
use crate::server::FhirServer;

/// The workers of this node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Workers {
    busy: Arc<AtomicUsize>,
}

/// One worker's place; it is free again when this is dropped.
struct Busy(Arc<AtomicUsize>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Workers {
    /// Has somebody look for work, unless all are at work already: they look for more when they are done.
    pub(crate) fn wake(server: &web::Data<FhirServer>) {
        let busy = &server.workers.busy;
        let place = busy.fetch_add(1, Ordering::AcqRel);
        let place = (place, Busy(Arc::clone(busy)));
        if place.0 < server.export.at_once {
            let server = server.clone();
            rt::spawn(async move { work(&server, place.1).await });
        }
    }
}

async fn work(server: &FhirServer, _busy: Busy) {
    let worker = (server.new_id)();
    loop {
        let now = (server.now)();
        match server.records.exports().take(&worker, now, now + server.export.lease).await {
            Ok(Some(job)) => do_it(server, &job, &worker).await,
            Ok(None) => return,
            Err(error) => {
                tracing::error!(%error, "no export can be taken; trying again");
                return;
            }
        }
    }
}

async fn do_it(server: &FhirServer, job: &Job, worker: &str) {
    let fault = match steps(server, job, worker).await {
        Ok(Some(())) => None,
        // Deleted, or another node's by now.
        Ok(None) => return,
        Err(error) => {
            tracing::error!(export = job.id, %error, "an export failed");
            Some("the records could not be read or its files not be kept")
        }
    };
    let done = server.records.exports().finish((job.number, worker), fault).await;
    if let Err(error) = done {
        tracing::error!(export = job.id, %error, "the end of an export could not be kept");
    }
}

/// From where the export is to its end; none where it is not ours any more.
async fn steps(server: &FhirServer, job: &Job, worker: &str) -> Result<Option<()>, RecordsError> {
    let exports = server.records.exports();
    let (export, parts) = asked::of_job(job, server).map_err(RecordsError::NotUnderstood)?;
    let at = i64::try_from(job.transaction_time.unix_timestamp_nanos() / 1_000_000);
    let at = at.map_err(|fault| RecordsError::NotUnderstood(fault.to_string()))?;
    let (mut place, mut total) = (job.place, job.found);
    let until = || (server.now)() + server.export.lease;
    while let Some(part) = parts.get(place.part) {
        let Export { level, since, until: before, .. } = &export;
        let walk = Walk { part, level, since: *since, until: *before, at };
        let (mut found, mut deleted) = (Vec::new(), Vec::new());
        let mut after = place.after;
        loop {
            let batch = exports.step(&walk, after).await?;
            total += batch.found.len() as u64;
            found.extend(batch.found);
            deleted.extend(batch.deleted);
            let Some(next) = batch.after else { break };
            after = next;
            let kept = if found.len().max(deleted.len()) >= server.export.lines {
                place.after = after;
                let mine = (job.number, worker);
                let files = files(server, part.permit.kind(), &found, &deleted);
                let kept = exports.keep(mine, &files, (place, total), until()).await?;
                found.clear();
                deleted.clear();
                kept
            } else {
                exports.renew((job.number, worker), total, until()).await?
            };
            if kept.is_none() {
                return Ok(None);
            }
        }
        place = Place { part: place.part + 1, after: 0 };
        let files = files(server, part.permit.kind(), &found, &deleted);
        if exports.keep((job.number, worker), &files, (place, total), until()).await?.is_none() {
            return Ok(None);
        }
    }
    Ok(Some(()))
}

type Lists<'a> = Vec<(List, &'a str, &'a [fireward_fhir_store::Item])>;

fn files<'a>(
    server: &FhirServer,
    kind: &'a str,
    found: &'a [fireward_fhir_store::Item],
    deleted: &'a [fireward_fhir_store::Item],
) -> Lists<'a> {
    let lines = server.export.lines.max(1);
    let found = found.chunks(lines).map(|items| (List::Output, kind, items));
    found.chain(deleted.chunks(lines).map(|items| (List::Deleted, kind, items))).collect()
}
