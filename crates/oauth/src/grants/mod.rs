//! Grants: what was granted, and how it is turned into tokens at the token endpoint.

pub mod authorization_code;
pub mod client_credentials;
mod grant;
pub mod refresh_token;

pub use grant::{Dropped, Grant, GrantEnd, Reason};
