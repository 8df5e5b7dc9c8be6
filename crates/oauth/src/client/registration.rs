//! Registration metadata (RFC 7591 §2).
