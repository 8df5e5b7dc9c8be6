//! Launches from an EHR, and the context that apps learn (SMART 2.2 scopes-and-launch-context).

mod asked;
mod context;
mod ehr;

pub use asked::{AskedContext, Pick, Picks};
pub use context::{LaunchContext, MalformedContext, is_fhir_id};
pub use ehr::{Launch, NewLaunch, Refusal, claim};
