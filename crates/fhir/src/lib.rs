#![doc = include_str!("../README.md")]

mod access;
pub mod app_state;
pub mod audit;
pub mod capability;
pub mod compartment;
mod decision;
pub mod definitions;
pub mod export;
pub mod index;
mod interaction;
pub mod links;
mod outcome;
pub mod patch;
mod permit;
pub mod policy;
pub mod reference;
pub mod search;
pub mod shape;
pub mod structure;

pub use access::{Access, AccessClaims, TokenFacts};
pub use decision::{Check, Decision, Finding, Step, decide};
pub use interaction::{
    BadBundle, Bundle, Entry, Everything, Interaction, Mode, NotUnderstood, Privilege, Request,
    Versions,
};
pub use outcome::{outcome, outcome_of};
pub use permit::{
    Branch, Denial, Except, Permit, Reach, Refused, Source, Verdict, Whose, permit, permit_bundle,
};
pub use policy::{Rules, SearchEnforcement};
pub use reference::Reference;
