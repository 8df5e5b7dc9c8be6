//! Which versions a history has (FHIR R4 §3.1.0.5.1).

use super::NotUnderstood;
use crate::index::date;
use crate::search::{self, BadSearch};

/// The parameters of a history.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Versions {
    /// How many entries a page has, at most.
    pub count: Option<usize>,
    /// Only versions made at or after this moment, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Only versions that were current at some moment of this span, both ends included.
    pub at: Option<(i64, i64)>,
    /// The mark of a further page, as a server wrote it into a `next` link (`_page`).
    pub page: Option<String>,
}

impl Versions {
    /// Reads the query of a history. What is not understood would give more than was asked for.
    pub(super) fn parse(query: &str) -> Result<Self, NotUnderstood> {
        let mut versions = Self::default();
        for (name, value) in search::pairs(query)? {
            let bad = || BadSearch::Value(name.clone());
            match name.as_str() {
                "_count" => versions.count = Some(value.parse().map_err(|_| bad())?),
                "_since" => versions.since = Some(moment(&value).ok_or_else(bad)?.0),
                "_at" => versions.at = Some(moment(&value).ok_or_else(bad)?),
                "_page" => versions.page = Some(value),
                "_format" | "_pretty" | "_summary" | "_elements" | "_total" => {}
                _ => return Err(NotUnderstood::Parameter(name)),
            }
        }
        Ok(versions)
    }
}

/// A moment, or the span that a date stands for. A space may be a `+` that was not encoded.
pub(super) fn moment(text: &str) -> Option<(i64, i64)> {
    date::span(&text.replace(' ', "+"))
}
