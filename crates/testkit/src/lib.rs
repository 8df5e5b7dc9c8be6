#![doc = include_str!("../README.md")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up has failed, and says where"
)]

mod backend;
mod browser;
mod client;
mod database;
mod seeded;
mod server;
mod statements;

pub use backend::Backend;
pub use browser::{Browser, Page};
pub use client::{Answer, CHALLENGE, Client, VERIFIER};
pub use database::Database;
pub use seeded::Seeded;
pub use server::{Server, run, run_with};
pub use statements::statements;

/// The TLS provider of the process; every test that makes requests needs it once.
pub fn install_crypto() {
    // The second caller finds the first one's, which is the same.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// The time in seconds since 1970.
#[must_use]
pub fn now() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test plays those who have clocks of their own"
    )]
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// Asks until the answer is yes.
///
/// # Panics
/// When it is still no after so many seconds; `what` is what did not happen.
pub async fn until(what: &str, seconds: u64, mut met: impl AsyncFnMut() -> bool) {
    let asked = async {
        while !met().await {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let patience = std::time::Duration::from_secs(seconds);
    assert!(tokio::time::timeout(patience, asked).await.is_ok(), "not after {seconds} s: {what}");
}
