//! Launches from an EHR, and the context that apps learn (SMART 2.2 scopes-and-launch-context).

mod asked;
mod context;
mod ehr;
mod fhir_context;
mod style;

pub use asked::{AskedContext, Pick, Picks};
pub use context::{LaunchContext, MalformedContext, is_fhir_id};
pub use ehr::{Launch, Refusal, claim, url_with};
pub use fhir_context::MalformedMember;
pub use style::{Kind as StyleValue, MEMBERS as STYLE_MEMBERS, MalformedStyle, Style};
