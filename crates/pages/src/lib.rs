#![doc = include_str!("../README.md")]

pub mod account;
pub mod assets;
mod chrome;
pub mod consent;
mod context;
pub mod ehr;
pub mod explained;
pub mod home;
mod lang;
mod login;
mod logout;
pub mod looks;
mod password;
mod patient;
mod safe;
pub mod theme;
mod trouble;

pub use chrome::{Brand, Chrome, Person, Sex, Support};
pub use context::{ContextCard, ContextPage, Listing};
pub use lang::{Date, Language, Message, text};
pub use login::{Attempt, ContinuePage, LoginPage, Returning};
pub use logout::{LoggedOutPage, LogoutPage};
pub use password::{PasswordFault, PasswordPage};
pub use patient::{PatientCard, PatientGroup, PatientHeading, PatientPage};
pub use trouble::{ErrorPage, FormPostPage, LeavingPage, NewWindowPage, Trouble, Turn};
