#![doc = include_str!("../README.md")]

mod accessors;
mod cache;
mod changes;
mod columns;
mod connect;
mod error;
mod readers;
mod shared;
mod store;
mod table;
mod transact;

pub mod assertions;
pub mod audit;
pub mod authorizations;
pub mod brands;
pub mod chores;
pub mod clients;
pub mod consents;
pub mod explanations;
pub mod grants;
pub mod issuers;
pub mod keys;
pub mod launches;
pub mod opaque_tokens;
pub mod refresh;
pub mod resource_servers;
pub mod revoked_tokens;
pub mod sessions;
pub mod styles;
pub mod throttle;
pub mod users;

pub use accessors::{Reader, Tx};
pub use connect::Durability;
pub use error::StoreError;
pub use store::Store;

#[cfg(test)]
mod suite;
