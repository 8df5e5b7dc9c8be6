//! The synthetic records of the demo; `data/README.md` says what they are and how they were made.

use std::io::{BufRead, BufReader};

use flate2::bufread::GzDecoder;

/// The demo's resources, one JSON text a line, for [`fireward_fhir_store::Records::load_seed`].
#[must_use]
pub fn demo_records() -> impl BufRead {
    BufReader::new(GzDecoder::new(RECORDS))
}

const RECORDS: &[u8] = include_bytes!("../data/records.ndjson.gz");
