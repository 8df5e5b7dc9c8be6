//! Why a fetch failed.

/// Why a fetch failed. `Display` is for the log; strangers hear [`Fault::TOLD`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The name resolves to no address that may be connected to.
    #[error("the host's name resolves to no address that may be connected to")]
    NotPublic,
    /// No answer: unknown host, refused, closed, or TLS failed.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// No answer in the time that it may take.
    #[error("no answer: too slow")]
    TooSlow,
    /// The body is longer than the caller takes.
    #[error("the answer is too long")]
    TooLong,
    /// An answer other than 200 where a document was expected; redirects are not followed.
    #[error("the answer has status {0}")]
    Status(u16),
    /// The document is not what was expected.
    #[error("the document cannot be used: {0}")]
    Unusable(String),
    /// As many supplied addresses are being fetched from as may be at once.
    #[error("too many fetches at once")]
    Busy,
    /// This process cannot make requests.
    #[error("the client could not be made: {0}")]
    NoTls(String),
}

impl Fault {
    /// What somebody who supplied an address may hear of it, whatever happened.
    pub const TOLD: &'static str = "the address could not be fetched";
}
