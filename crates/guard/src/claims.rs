//! What a token that was accepted says: what bears on records as [`Access`], everything as it is written.

use std::sync::Arc;

use fireward_fhir::Access;
use serde_json::{Map, Value};

use crate::token::{Binding, Times};

/// The claims of a token that was accepted, or the issuer's answer about it.
///
/// INVARIANT: made only of a token whose signature was checked, of an issuer's answer about it, or of a password
/// that was right; or where the server is unprotected.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    pub(crate) access: Access,
    pub(crate) raw: Map<String, Value>,
    pub(crate) source: Source,
    pub(crate) times: Times,
    pub(crate) binding: Binding,
    pub(crate) status: Option<StatusAt>,
}

/// Why claims are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The issuer has signed them.
    Signature,
    /// The issuer was asked about the token.
    Introspection,
    /// There is no token: a user name and a password were right.
    Password,
    /// There is nothing: the server is unprotected.
    Unprotected,
}

/// Where the status of a token stands (Token Status List §6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusAt {
    pub(crate) list: Arc<str>,
    pub(crate) index: u64,
}

impl Claims {
    /// What of them bears on health records.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Every claim by its name, as the issuer wrote it.
    #[must_use]
    pub fn raw(&self) -> &Map<String, Value> {
        &self.raw
    }

    /// A claim that is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.raw.get(name).and_then(Value::as_str)
    }

    /// Why they are believed.
    #[must_use]
    pub fn source(&self) -> Source {
        self.source
    }

    /// Whether the token must be shown with a proof or a certificate.
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.binding != Binding::Bearer
    }

    /// Who issued the token.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.text("iss")
    }

    /// The token's id (RFC 7519 §4.1.7).
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.text("jti")
    }

    /// The grant that it comes of. A claim of Fireward's.
    #[must_use]
    pub fn grant_id(&self) -> Option<&str> {
        self.text("grant_id")
    }

    /// When the person signed in, in seconds since 1970 (RFC 9068 §2.2.1).
    #[must_use]
    pub fn signed_in_at(&self) -> Option<i64> {
        self.raw.get("auth_time").and_then(Value::as_i64)
    }
}
