//! Tokens as claims: what is signed, what introspection tells, what `UserInfo` tells.

mod access;
mod answer;
mod details;
mod id_token;
mod introspect;
mod userinfo;

pub use access::{AccessClaims, ForItself, access, for_itself};
pub use answer::token_answer;
pub use details::AUTHORIZATION_DETAILS_TYPE;
pub use id_token::{IdClaims, IdToken, id_token};
pub use introspect::{Caller, INTROSPECTION_SCOPE, Subject, introspect_access, introspect_refresh};
pub use userinfo::userinfo;

/// The scope with which an EHR may prepare launches (`POST /launch-contexts`).
pub const LAUNCH_CONTEXTS_SCOPE: &str = "https://fireward.dev/scopes/launch-contexts";
