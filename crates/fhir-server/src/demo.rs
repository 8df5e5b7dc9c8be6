//! The synthetic records of the demo; `data/README.md` says what they are and how they were made.

use std::io::{BufRead, BufReader, Cursor, Read as _};

use flate2::bufread::GzDecoder;

/// What sample records say of addresses around them.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// Where the app is launched that the clinic's Tasks ask for.
    pub launch_url: &'a str,
    /// The FHIR base of the laboratory, where the clinic knows that some of its patients have records, too.
    pub laboratory: Option<&'a str>,
}

/// The clinic's resources, one JSON text a line, for [`fireward_fhir_store::Records::load_seed`].
#[must_use]
pub fn demo_records(around: Around<'_>) -> impl BufRead {
    BufReader::new(GzDecoder::new(RECORDS)).chain(Cursor::new(demo_addenda(around)))
}

/// Those of them that were written by hand, one JSON text a line, for [`fireward_fhir_store::Records::top_up`]: they name
/// addresses, which another start may change, and a newer version may have more of them.
#[must_use]
pub fn demo_addenda(around: Around<'_>) -> String {
    let tasks = TASKS.replace("{launch_url}", around.launch_url);
    let locations = around.laboratory.map(|base| LOCATIONS.replace("{laboratory}", base));
    tasks + &locations.unwrap_or_default()
}

/// The laboratory's resources, as those of [`demo_addenda`]. It knows some of the clinic's patients, by ids of its own.
#[must_use]
pub const fn laboratory_records() -> &'static str {
    LABORATORY
}

const RECORDS: &[u8] = include_bytes!("../data/records.ndjson.gz");
const TASKS: &str = include_str!("../data/tasks.ndjson");
const LOCATIONS: &str = include_str!("../data/locations.ndjson");
const LABORATORY: &str = include_str!("../data/laboratory.ndjson");
