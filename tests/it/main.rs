//! End-to-end tests of the real binary, and the invariants of the house.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what helps a test may fail it"
)]
#![expect(
    clippy::too_many_lines,
    clippy::excessive_nesting,
    reason = "a table of cases is read from top to bottom"
)]

mod app_state;
mod audit;
mod authorize;
mod backend;
mod brands;
mod command_line;
mod coverage;
mod demo;
mod discovery;
mod ends;
mod gateway;
mod guarded;
mod judge;
mod keys;
mod launch;
mod leaks;
mod limits;
mod operations;
mod servers;
mod stories;
mod tidy;
mod tls;
mod token;
mod told;
mod trail;
mod two_nodes;
mod world;
