#![doc = include_str!("../README.md")]

mod app_state;
mod connect;
mod consents;
mod entity;
mod error;
mod everything;
mod exports;
mod find;
mod history;
mod include;
mod index;
mod matching;
mod order;
mod page;
mod reach;
mod read;
mod records;
mod renewal;
mod rows;
mod seal;
mod search;
mod seed;
mod several;
mod sql;
mod step;
mod stored;
mod trail;
mod transaction;
mod visible;
mod write;

pub use app_state::{States, StoredState, Unchanged, Vault};
pub use connect::Durability;
pub use consents::ConsentsMark;
pub use error::RecordsError;
pub use exports::{
    Batch, Content, ExportFile, Exports, Item, Job, Limits, List, NewExport, Place, State, Walk,
};
pub use history::{Of, Past};
pub use page::Page;
pub use records::Records;
pub use seal::Seal;
pub use several::Several;
pub use step::{Action, Done, Step, Target};
pub use stored::Stored;
pub use trail::{Author, Backlog, Waiting};
pub use write::{Change, Precondition, Written};

#[cfg(test)]
mod suite;
