//! What stops the program, as one sentence for the person who started it.

use std::path::PathBuf;

/// Why the program cannot go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// A port that somebody else has, or may not be had.
    #[error("cannot listen on {address}: {reason}; free the port or choose another with {flag}")]
    Listen {
        /// Where.
        address: String,
        /// What the system said.
        reason: String,
        /// How to choose another.
        flag: &'static str,
    },
    /// A file or folder that cannot be read or written.
    #[error("cannot {doing} {}: {reason}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Something in the configuration, with where it is.
    #[error("{0}")]
    Config(String),
    /// The database.
    #[error("{0}")]
    Store(#[from] fireward_store::StoreError),
    /// The demo server's database.
    #[error("the FHIR server: {0}")]
    Records(#[from] fireward_fhir_store::RecordsError),
    /// Anything else, said by who knows it.
    #[error("{0}")]
    Other(String),
}

impl Fault {
    /// A fault with a file.
    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<PathBuf>,
        error: &impl ToString,
    ) -> Self {
        Self::File { doing, path: path.into(), reason: error.to_string() }
    }
}
