//! The demo: authorization server, FHIR server and demo EHR on one machine, with synthetic patients.

mod addresses;
mod ehr;
mod folder;
mod registered;
mod welcome;

pub(crate) use addresses::Addresses;
pub(crate) use ehr::ehr;
pub(crate) use folder::{AUTH_DATABASE, FHIR_DATABASE, Folder, LABORATORY_DATABASE, MASTER_KEY};
pub(crate) use registered::{Keys, brands, register, servers};
pub(crate) use welcome::welcome;

/// The password of every demo user, unless another is given.
pub(crate) const PASSWORD: &str = "fireward-demo";
