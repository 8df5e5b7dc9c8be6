//! Where an answer may go. Only validation makes one, so an open redirect does not type-check.

use super::ResponseMode;
use crate::vocabulary::RedirectUri;

/// A redirect URI that was proven to be the client's, with what every answer there carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectTarget {
    uri: RedirectUri,
    state: Option<String>,
    omit_iss: bool,
    mode: ResponseMode,
}

impl RedirectTarget {
    pub(super) fn proven(uri: RedirectUri, state: Option<String>, omit_iss: bool) -> Self {
        Self { uri, state, omit_iss, mode: ResponseMode::default() }
    }

    /// The same, reached in another way.
    #[must_use]
    pub fn by(self, mode: ResponseMode) -> Self {
        Self { mode, ..self }
    }

    /// Takes a target back from the row that a validated request was kept in; for `store` alone.
    #[must_use]
    pub fn from_row(uri: String, state: Option<String>, omit_iss: bool) -> Self {
        Self::proven(RedirectUri::from_stored(uri), state, omit_iss)
    }

    /// The URI, as the request spelled it.
    #[must_use]
    pub const fn uri(&self) -> &RedirectUri {
        &self.uri
    }

    /// `state`, to be given back exactly (AL-14).
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// How the answer travels.
    #[must_use]
    pub const fn mode(&self) -> ResponseMode {
        self.mode
    }

    /// Whether the client cannot bear RFC 9207's `iss` (D-06).
    #[must_use]
    pub const fn omits_iss(&self) -> bool {
        self.omit_iss
    }
}
