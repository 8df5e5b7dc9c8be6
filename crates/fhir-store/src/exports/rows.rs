//! Between rows and exports.

use super::entity::export::Model;
use super::{Item, Job, Place, State};
use crate::error::RecordsError;
use crate::stored::instant;

pub(super) const RUNNING: &str = "running";
pub(super) const COMPLETE: &str = "complete";
pub(super) const FAILED: &str = "failed";

pub(super) fn job(row: Model) -> Result<Job, RecordsError> {
    let number = row.number;
    let corrupt = |fault: &str| RecordsError::Corrupt {
        table: "fhir_export",
        row: number,
        fault: fault.to_owned(),
    };
    let time = |millis| instant(millis).ok_or_else(|| corrupt("no such time"));
    let state = match row.state.as_str() {
        RUNNING => State::Running,
        COMPLETE => State::Complete,
        FAILED => State::Failed(row.fault.unwrap_or_default()),
        _ => return Err(corrupt("no such state")),
    };
    let part = usize::try_from(row.at_part).map_err(|_| corrupt("no such part"))?;
    Ok(Job {
        number,
        id: row.id,
        client: row.client,
        scope: row.scope,
        bound_to: row.bound_to,
        request: row.request,
        asked: row.asked,
        transaction_time: time(row.transaction_time)?,
        state,
        place: Place { part, after: row.at_number },
        found: u64::try_from(row.found).unwrap_or_default(),
        leased_until: time(row.leased_until)?,
        expires_at: time(row.expires_at)?,
    })
}

/// A list of versions as text: `number.version`, with spaces between.
pub(super) fn write(items: &[Item]) -> String {
    let items = items.iter().map(|item| format!("{}.{}", item.number, item.version));
    items.collect::<Vec<_>>().join(" ")
}

/// Reads what [`write`] has written; `None` where that cannot be.
pub(super) fn read(text: &str) -> Option<Vec<Item>> {
    let item = |word: &str| {
        let (number, version) = word.split_once('.')?;
        Some(Item { number: number.parse().ok()?, version: version.parse().ok()? })
    };
    text.split_ascii_whitespace().map(item).collect()
}
