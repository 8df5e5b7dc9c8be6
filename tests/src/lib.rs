//! The end-to-end crate: see it/main.rs.
