//! Searches read and met.

mod index;
mod linking;
mod matching;
mod reading;

use super::{BadSearch, Search, pairs, parse};

const BASE: &str = "https://records.example/fhir";

fn read(kind: &str, query: &str) -> Result<Search, BadSearch> {
    parse(kind, &pairs(query)?, BASE)
}
