//! Whether a resource is built as R4 says: element names, types, cardinalities, choices, formats of primitives, codes where
//! nothing else is allowed, types of references (FHIR R4 json.html, datatypes.html, validation.html "Structure").
//!
//! Not judged here: profiles, terminologies beyond the required codes, and invariants other than the few of the JSON format.

mod check;
mod issue;
mod primitive;
pub(crate) mod table;

#[cfg(test)]
mod tests;

pub use check::{issues, issues_of_any};
pub use issue::{Issue, outcome_of};
