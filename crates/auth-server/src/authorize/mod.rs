//! `/authorize`: a request comes in, the hub decides the next step, and one maker of answers ends it
//! (RFC 6749 §4.1, `OpenID` Connect Core §3.1.2, SMART 2.2 app-launch).

mod answer;
mod flow;
mod frame;
mod hint;
mod page;
mod pushed;
mod read;
mod resume;
mod settle;
mod start;

pub(crate) use answer::about;
pub(crate) use flow::Flow;
pub(crate) use hint::Hint;
pub(crate) use page::{StepForm, StepPage};
pub(crate) use pushed::push;
pub(crate) use resume::resume;
pub(crate) use settle::{From as Settling, settle};
pub(crate) use start::{receive, start};
