#![doc = include_str!("../README.md")]

mod generate;
mod keyring;
mod master;
mod plan;
mod record;
mod vault;

pub use generate::{NotGenerated, generate};
pub use keyring::{CannotSign, Keyring, Unusable};
pub use master::{MasterKey, NotAMasterKey, NotOpened, NotSealed};
pub use plan::{Step, plan, revoke, rotate};
pub use record::{KeyRecord, Policy, Stage};
pub use vault::{NotMade, Vault};

#[cfg(test)]
mod tests;
