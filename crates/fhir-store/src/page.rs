//! Pages of a search, and the mark in the link to the next.

use std::hash::{DefaultHasher, Hash, Hasher};

use fireward_fhir::search::{Search, Sort};
use fireward_jose::b64;
use serde_json::{Value, json};

use crate::error::RecordsError;
use crate::order::{Keys, Place};
use crate::stored::Stored;

/// A page of matches, and what comes along with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// How many resources match on all pages: of those that the permit reaches, so that hidden ones cannot be
    /// inferred (D-39). None where nobody asked, or counting them would take long.
    pub total: Option<u64>,
    /// The matches of this page, in order.
    pub matches: Vec<Stored>,
    /// What the matches refer to or are referred to by, as asked.
    pub included: Vec<Stored>,
    /// The value of `_page` for the next page, if there is one.
    pub next: Option<String>,
}

/// Where the search asks to go on. A mark of another search is refused: it would skip what nobody has seen.
pub(crate) fn after(search: &Search, keys: &Keys) -> Result<Option<Place>, RecordsError> {
    let Some(text) = &search.page else { return Ok(None) };
    let read = || {
        let mark: Value = serde_json::from_slice(&b64::decode(text).ok()?).ok()?;
        let own = mark.get("of")?.as_str()? == fingerprint(search);
        keys.read(mark.get("after")?).filter(|_| own)
    };
    let refused = || RecordsError::NotUnderstood("`_page` does not belong to this search".into());
    read().map(Some).ok_or_else(refused)
}

/// The mark of the page that begins after a match.
pub(crate) fn mark(search: &Search, last: &Place) -> String {
    b64::encode(json!({ "of": fingerprint(search), "after": last.to_json() }).to_string())
}

/// Tells searches apart by what decides which matches there are, and in which order. It protects from mistakes and not
/// from malice: the permit is applied to every page anew.
fn fingerprint(search: &Search) -> String {
    let mut hasher = DefaultHasher::new();
    search.kind.hash(&mut hasher);
    format!("{:?}{:?}", search.clauses, search.links).hash(&mut hasher);
    for Sort { param, descending } in &search.sort {
        (param.name, descending).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
