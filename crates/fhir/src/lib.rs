#![doc = include_str!("../README.md")]

mod access;
pub mod app_state;
pub mod audit;
pub mod capability;
pub mod compartment;
pub mod definitions;
pub mod export;
pub mod index;
mod interaction;
mod outcome;
pub mod patch;
mod permit;
pub mod reference;
pub mod search;
pub mod structure;

pub use access::{Access, AccessClaims, TokenFacts};
pub use interaction::{Interaction, NotUnderstood, Request};
pub use outcome::outcome;
pub use permit::{Branch, Denial, Permit, Reach, Source, Whose, permit};
pub use reference::Reference;
