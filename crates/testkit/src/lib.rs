#![doc = include_str!("../README.md")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up has failed, and says where"
)]

mod browser;
mod client;
mod database;
mod seeded;
mod server;

pub use browser::{Browser, Page};
pub use client::{Answer, Client};
pub use database::Database;
pub use seeded::Seeded;
pub use server::{Server, run};

/// The TLS provider of the process; every test that makes requests needs it once.
pub fn install_crypto() {
    // The second caller finds the first one's, which is the same.
    drop(rustls::crypto::ring::default_provider().install_default());
}
