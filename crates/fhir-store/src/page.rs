//! Pages of a search, and the mark in the link to the next.

use std::hash::{DefaultHasher, Hash, Hasher};

use fireward_fhir::search::{Search, Sort};

use crate::error::RecordsError;
use crate::stored::Stored;

/// A page of matches, and what comes along with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// How many resources match on all pages: of those that the permit reaches, so that hidden ones cannot be
    /// inferred (D-39).
    pub total: u64,
    /// The matches of this page, in order.
    pub matches: Vec<Stored>,
    /// What the matches refer to or are referred to by, as asked.
    pub included: Vec<Stored>,
    /// The value of `_page` for the next page, if there is one.
    pub next: Option<String>,
}

/// How far a search has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) offset: u64,
}

impl Mark {
    /// Where the search asks to go on. A mark of another search is refused: it would skip what nobody has seen.
    pub(crate) fn of(search: &Search) -> Result<Self, RecordsError> {
        let Some(text) = &search.page else { return Ok(Self { offset: 0 }) };
        let read = || {
            let (offset, print) = text.split_once('-')?;
            // What no database counts to is no place in a search.
            let offset = offset.parse().ok().filter(|offset| *offset < FARTHEST)?;
            (print == fingerprint(search)).then_some(Self { offset })
        };
        let refused =
            || RecordsError::NotUnderstood("`_page` does not belong to this search".into());
        read().ok_or_else(refused)
    }

    /// The mark after a page of so many matches.
    pub(crate) fn after(self, matches: u64, search: &Search) -> String {
        format!("{}-{}", self.offset + matches, fingerprint(search))
    }
}

const FARTHEST: u64 = 1 << 48;

/// Tells searches apart by what decides which matches there are, and in which order. It protects from mistakes and not
/// from malice: the permit is applied to every page anew.
fn fingerprint(search: &Search) -> String {
    let mut hasher = DefaultHasher::new();
    search.kind.hash(&mut hasher);
    format!("{:?}", search.clauses).hash(&mut hasher);
    for Sort { param, descending } in &search.sort {
        (param.name, descending).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
