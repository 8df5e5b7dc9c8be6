//! Searches read and met.
