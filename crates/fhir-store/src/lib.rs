#![doc = include_str!("../README.md")]

mod connect;
mod entity;
mod error;
mod index;
mod records;
mod rows;
mod seed;
mod sql;
mod stored;
mod transaction;

pub use connect::Durability;
pub use error::RecordsError;
pub use records::Records;
pub use stored::Stored;

#[cfg(test)]
mod suite;
