//! The protocol's endpoints, spoken to as clients do: one database a test, and a clock that only tests move.

mod assertions;
mod capabilities;
mod client_credentials;
mod clients;
mod code;
mod discovery;
mod errors;
mod explanations;
mod introspection;
mod key_servers;
mod keys;
mod launches;
mod openapi;
mod people;
mod refresh;
mod registered;
mod revocation;
mod statements;
mod styles;
mod userinfo;
mod wire;
mod world;

use wire::{Answer, claims, header};
use world::{World, flow};
