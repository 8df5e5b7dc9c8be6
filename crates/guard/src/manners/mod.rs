//! How a FHIR server speaks HTTP, whoever it trusts: versions and conditions, media types, and what every answer has.

pub mod conditional;
mod envelope;
pub mod negotiate;

pub use envelope::{NewRequestId, envelope};
