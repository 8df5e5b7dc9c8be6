//! The browser's side over real sockets: a person, an app that asks, and a FHIR server to look records up at.

mod authorize;
mod consent;
mod contexts;
mod fhir;
mod hints;
mod house;
mod issuers;
mod launch;
mod login;
mod logos;
mod logout;
mod manners;
mod password;
mod pickers;
mod related;
mod requests;
