//! The synthetic records of the demo; `data/README.md` says what they are and how they were made.

use std::io::{BufRead, BufReader, Cursor, Read as _};

use flate2::bufread::GzDecoder;

/// The demo's resources, one JSON text a line, for [`fireward_fhir_store::Records::load_seed`]. Its Tasks ask for the
/// app that is launched at `launch_url`.
#[must_use]
pub fn demo_records(launch_url: &str) -> impl BufRead {
    let tasks = Cursor::new(TASKS.replace("{launch_url}", launch_url));
    BufReader::new(GzDecoder::new(RECORDS)).chain(tasks)
}

const RECORDS: &[u8] = include_bytes!("../data/records.ndjson.gz");
const TASKS: &str = include_str!("../data/tasks.ndjson");
