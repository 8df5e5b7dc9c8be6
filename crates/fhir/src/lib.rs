#![doc = include_str!("../README.md")]

pub mod compartment;
pub mod definitions;
pub mod index;
pub mod reference;
pub mod search;
