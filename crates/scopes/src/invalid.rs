//! Why a text is not a scope.

use thiserror::Error;

/// Why a text is not a scope of ours. The client hears `invalid_scope` (RFC 6749 §4.1.2.1), or the
/// token is dropped; the reason is for the error's description and the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Invalid {
    /// A character outside RFC 6749's `scope-token`, or a tab or line break between tokens.
    #[error("a scope may not contain this character (RFC 6749 §3.3)")]
    IllegalCharacter,
    /// More tokens in one list than any honest application asks for.
    #[error("too many scopes in one request")]
    TooMany,
    /// Letters other than an in-order subset of `cruds`, or an unknown v1 verb (SC-1, SC-4).
    #[error("the permissions must be letters of `cruds` in that order, or `read`, `write` or `*`")]
    Permissions,
    /// A name that is no resource type of FHIR R4.
    #[error("not a FHIR R4 resource type")]
    ResourceType,
    /// A `?query` that is empty, unreadable, or attached to a v1 scope (SC-1, SC-7).
    #[error("the part after `?` must be `parameter=value` pairs, and needs the v2 form")]
    Constraint,
    /// A `launch/…` scope whose resource type or role is not readable (SC-13).
    #[error("a launch context must be a lower-case resource type, with at most one `role`")]
    LaunchContext,
    /// A legal token that nobody defined. Only full URIs and `__` names may be made up (SC-25).
    #[error("no such scope")]
    Unknown,
}
