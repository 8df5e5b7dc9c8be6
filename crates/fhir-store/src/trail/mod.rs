//! The audit trail: what is done with records, written down before it is answered.
//!
//! An event of a write is in the transaction of that write. An event of a read is in the outbox before the answer leaves:
//! requests that wait at the same moment share a commit. From the outbox events go, in order, to where they can be
//! searched: to the records themselves, in one transaction with their removal from the outbox, or to another server.

mod author;
mod delivery;
mod outbox;

pub use author::Author;
pub(crate) use author::Before;
pub use delivery::{Backlog, Waiting};
pub(crate) use outbox::Outbox;
