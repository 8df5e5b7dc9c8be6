//! App state (SMART App Launch 2.2 app-state): small `Basic` resources in which apps keep settings, preferences or keys,
//! for a person, for a patient, or for everybody. What is in them is the app's own affair.

mod capability;
mod permit;
mod query;
mod state;
#[cfg(test)]
mod tests;

pub use capability::statement;
pub use permit::{Action, GLOBAL_STATE_SCOPE, StateDenial, StatePermit, permit};
pub use query::{BadQuery, asked};
pub use state::{Invalid, Key, SUBJECTS, State};

/// The largest state that is taken, in octets (AS-3).
pub const MOST_OCTETS: usize = 256 * 1024;

/// How many states one code may have for one subject (AS-6).
pub const MOST_STATES: u64 = 50;

/// How many states all codes of one system may have for one subject (AS-6): codes are the app's to choose.
pub const MOST_STATES_OF_SUBJECT: u64 = 200;

/// How many octets they may have together, as they are kept.
pub const MOST_OCTETS_OF_SUBJECT: u64 = 4 * 1024 * 1024;

/// How many states one system may have, for all subjects together.
pub const MOST_STATES_OF_SYSTEM: u64 = 250_000;

/// How many octets they may have together, as they are kept.
pub const MOST_OCTETS_OF_SYSTEM: u64 = 1024 * 1024 * 1024;
