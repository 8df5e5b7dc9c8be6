#![doc = include_str!("../README.md")]

pub mod b64;
pub mod backend;
pub mod claims;
pub mod json;

mod algorithm;
mod embedded;
mod hash;
mod header;
mod jwk;
mod signing;
mod token;
mod verifying;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use embedded::embedded_key;
pub use hash::{at_hash, sha256};
pub use header::{Header, typ_is};
pub use jwk::{Jwk, JwkSet, KeyFault, NoKey, SetFault};
pub use signing::{SignFault, SigningKey};
pub use token::{BadSignature, MAX_TOKEN, Malformed, Unverified, Verified};
pub use verifying::VerifyingKey;

#[cfg(test)]
mod tests;
