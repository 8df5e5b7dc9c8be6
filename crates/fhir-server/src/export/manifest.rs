//! The manifest: which files there are.

use fireward_fhir_store::{ExportFile, Job, List};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

/// The manifest of a finished export.
pub(super) fn of(job: &Job, files: &[ExportFile], base: &str) -> Value {
    let list = |wanted: List| -> Value {
        files.iter().filter(|file| file.list == wanted).map(|file| entry(job, file, base)).collect()
    };
    json!({
        "transactionTime": job.transaction_time.format(&Rfc3339).unwrap_or_default(),
        "request": job.request,
        "requiresAccessToken": true,
        "output": list(List::Output),
        "deleted": list(List::Deleted),
        "error": list(List::Error),
    })
}

fn entry(job: &Job, file: &ExportFile, base: &str) -> Value {
    let kind = match file.list {
        List::Output | List::Error => file.kind.as_str(),
        // One a line, each with the deletion of one resource.
        List::Deleted => "Bundle",
    };
    json!({
        "type": kind,
        "url": format!("{base}/exports/{}/{}.ndjson", job.id, file.number),
        "count": file.count,
    })
}
