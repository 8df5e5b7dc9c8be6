//! What a request presents: proof of a client, or an access token.

mod bearer;
mod credentials;
mod json;

pub(crate) use bearer::bearer;
pub(crate) use credentials::{basic_was_tried, presented};
pub(crate) use json::json;
