//! A backend service of our own: it proves itself by its key and fetches records in bulk, as any other would.

mod export;
mod key;
mod token;

pub(crate) use export::{Wanted, export};
pub(crate) use key::{from_pem, new_pem};
pub(crate) use token::Backend;
