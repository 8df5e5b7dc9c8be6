#![doc = include_str!("../README.md")]

pub mod address;
pub mod cookies;
pub mod csrf;
mod destination;
mod device;
mod explain;
mod failure;
mod form;
mod looks;
mod manners;
mod names;
mod page;
mod person;
pub mod session;
mod site;
mod visit;

pub use csrf::CsrfChecked;
pub use destination::Destination;
pub use device::Device;
pub use failure::{Failure, Fault, Refusal};
pub use form::{Form, MOST_OCTETS, Query};
pub use looks::{Look, Looked, Looks, Window};
pub use manners::{pages, private, protocol, wrong_method};
pub use names::Names;
pub use page::{chrome, frameable, html, redirect};
pub use person::Person;
pub use session::SignedIn;
pub use site::Site;
pub use visit::{Seen, Visit};
