//! End-to-end tests of the real binary, and the invariants of the house.

mod authorize;
mod backend;
mod command_line;
mod demo;
mod discovery;
mod judge;
mod keys;
mod launch;
mod leaks;
mod limits;
mod stories;
mod tidy;
mod tls;
mod token;
mod told;
mod two_nodes;
mod world;
