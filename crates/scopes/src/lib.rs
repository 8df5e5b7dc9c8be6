#![doc = include_str!("../README.md")]

mod consent;
mod constraint;
mod invalid;
mod kinds;
mod message;
mod permissions;
pub mod resource_types;
mod set;
mod token;

#[cfg(test)]
mod tests;

pub use consent::{Category, CategoryChoice, is_category};
pub use constraint::Constraint;
pub use invalid::Invalid;
pub use kinds::Scope;
pub use kinds::clinical::{Clinical, Form, Level, Resource};
pub use kinds::extension::Extension;
pub use kinds::launch::LaunchContext;
pub use message::{MESSAGE_KEYS, Message};
pub use permissions::Permissions;
pub use set::{ScopeSet, Sifted};
