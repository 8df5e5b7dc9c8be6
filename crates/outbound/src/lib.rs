#![doc = include_str!("../README.md")]

mod address;
mod answer;
mod bulk;
mod cache;
mod client;
mod fault;
mod freshness;
mod policy;
mod public;
mod put;
mod resolver;

pub use address::{Address, AddressFault, Configured, Supplied};
pub use answer::{Answer, Document};
pub use bulk::{Arriving, Sent, Verb};
pub use cache::{DocumentCache, Fetched, Limits};
pub use client::{Credentials, Outbound};
pub use fault::Fault;
pub use policy::{Allowed, NotAllowable, Pem, Policy};

#[cfg(test)]
mod tests;
