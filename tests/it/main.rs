//! End-to-end tests of the real binary, and the invariants of the house.

mod command_line;
mod keys;
mod stories;
mod tidy;
mod two_nodes;
mod world;
