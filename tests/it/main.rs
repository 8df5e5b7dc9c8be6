//! End-to-end tests of the real binary, and the invariants of the house.

mod tidy;
