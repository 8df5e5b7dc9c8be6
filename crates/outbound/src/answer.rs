//! What came back.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

/// An answer of any status, its body no longer than was asked for.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    pub(crate) headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// A document as it was fetched. Times are seconds since 1970.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its octets.
    pub bytes: Bytes,
    /// When it was asked for.
    pub fetched_at: i64,
    /// Until when its server lets it be used (RFC 9111 §4.2); `fetched_at` if only once.
    pub fresh_until: i64,
}

impl Answer {
    /// A header by name, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as a `T`.
    ///
    /// # Errors
    /// It is not JSON of that shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}
