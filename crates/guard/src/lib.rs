#![doc = include_str!("../README.md")]

mod basic;
mod bearer;
mod certificate;
mod claims;
mod config;
mod dpop;
mod examine;
mod failed;
mod guard;
mod handler;
mod introspect;
mod issuer;
pub mod manners;
mod memory;
mod nonce;
mod presented;
mod refusal;
mod resource;
mod smart;
mod status;
mod token;
mod trusted;

pub use basic::{Account, Basic};
pub use bearer::{Bearer, enforce};
pub use certificate::{Certificates, PeerCertificate};
pub use claims::{Claims, Source};
pub use config::{Config, Protection};
pub use dpop::{Dpop, Nonce};
pub use examine::{Examination, Finding};
pub use failed::{Check, Failed};
pub use guard::{Clock, Guard};
pub use handler::{Handled, Issuers, TokenHandler};
pub use issuer::Endpoints;
pub use presented::Scheme;
pub use refusal::{Refusal, Refused, RequestId};
pub use resource::{PROTECTED_RESOURCE, protected_resource};
pub use smart::smart_configuration;
pub use trusted::{
    Credential, Introspection, Keys, StatusLists, TokenFormat, Trusted, Typ, Unreachable,
};

#[cfg(test)]
mod tests;
