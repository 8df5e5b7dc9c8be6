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
