//! Searches: what was asked, as typed clauses that a store turns into SQL (FHIR R4 §3.1.1).

mod criterion;
mod link;
mod matches;
mod parse;
pub(crate) mod query;

#[cfg(test)]
mod tests;

use thiserror::Error;

pub use criterion::{Comparison, Criterion, Prefix, TextMatch};
pub use link::{Demand, Direction, Link, Way};
pub use matches::{matches, matches_among};
pub use parse::{clause, lenient, parse};
pub use query::pairs;

use crate::definitions::Param;

/// A search of one type. Every clause must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// The type that is searched.
    pub kind: &'static str,
    /// What a resource must meet.
    pub clauses: Vec<Clause>,
    /// What linked resources must meet: chains and `_has` (§3.1.1.4.4, §3.1.1.4.5).
    pub links: Vec<Link>,
    /// What the matches refer to and shall come along (§3.1.1.5.4).
    pub includes: Vec<Include>,
    /// What refers to the matches and shall come along.
    pub revincludes: Vec<Include>,
    /// In what order matches come.
    pub sort: Vec<Sort>,
    /// How many matches a page has, at most.
    pub count: Option<usize>,
    /// Whether only the number of matches is wanted: `_summary=count` or `_count=0`.
    pub count_only: bool,
    /// The mark of a further page, as a store wrote it into a `next` link (`_page`).
    pub page: Option<String>,
    /// How exactly the number of matches is wanted.
    pub total: Total,
    /// Parameters that nobody here knows, and that were left out because the asker bears it.
    pub ignored: Vec<String>,
    /// The parameters that were understood, as they were asked: what a gateway passes on.
    pub understood: Vec<(String, String)>,
}

/// How exactly the number of matches is wanted (`_total`, §3.1.1.5.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Total {
    /// Not at all.
    None,
    /// Where counting does not take long.
    #[default]
    Estimate,
    /// Whatever it takes.
    Accurate,
}

/// One parameter of a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// The parameter.
    pub param: &'static Param,
    /// What its values must meet.
    pub test: Test,
}

/// What the values of a parameter must meet.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `:missing`: there is no value (`true`), or there is one.
    Missing(bool),
    /// Some value meets some criterion.
    Any(Vec<Criterion>),
    /// `:not`: no value meets any criterion, also where there is no value at all.
    Not(Vec<Criterion>),
}

impl Test {
    /// The criteria that values are held against.
    #[must_use]
    pub fn criteria(&self) -> &[Criterion] {
        match self {
            Self::Any(criteria) | Self::Not(criteria) => criteria,
            Self::Missing(_) => &[],
        }
    }
}

/// A link to follow from matches or to matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// The type that has the reference.
    pub source: &'static str,
    /// The reference.
    pub param: &'static Param,
    /// The only type of target that is wanted.
    pub target: Option<&'static str>,
    /// Whether it is followed from what came along, too: `:iterate`.
    pub iterate: bool,
}

/// One key of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub param: &'static Param,
    /// Last first.
    pub descending: bool,
}

/// Why a search is not understood. It is answered with 400 and the text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadSearch {
    /// The type is not served.
    #[error("{0} is not served here")]
    Type(String),
    /// The parameter does not exist on this type, or not here.
    #[error("{kind} has no search parameter `{name}` here")]
    Param {
        /// The type.
        kind: &'static str,
        /// The parameter, as asked.
        name: String,
    },
    /// FHIR has it, this server has not.
    #[error("`{0}` is not supported here")]
    Unsupported(String),
    /// The modifier does not apply, or is not supported.
    #[error("the modifier of `{0}` is not supported")]
    Modifier(String),
    /// A chain through a reference that may lead to too many types.
    #[error("`{0}` may lead to many types: name one, as in `subject:Patient.name`")]
    Ambiguous(String),
    /// The value cannot be read.
    #[error("the value of `{0}` cannot be read")]
    Value(String),
    /// The query string is not form-encoded.
    #[error("the query is not form-encoded text")]
    Encoding,
    /// Far more parameters or alternatives than anyone needs.
    #[error("the search has too many parts")]
    TooLong,
}
