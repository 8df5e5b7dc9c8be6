#![doc = include_str!("../README.md")]

mod bearer;
mod config;
mod guard;
mod issuer;
pub mod manners;
mod memory;
mod presented;
mod refusal;
mod smart;
mod token;

pub use bearer::Bearer;
pub use config::Config;
pub use guard::{Clock, Guard};
pub use issuer::Endpoints;
pub use refusal::{Refusal, Refused, RequestId};
pub use smart::smart_configuration;

#[cfg(test)]
mod tests;
