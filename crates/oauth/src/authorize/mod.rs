//! The authorization endpoint's decisions (RFC 6749 §4.1.1, `OpenID` Connect Core §3.1.2, SMART 2.2 app-launch).
//!
//! [`validate`] reads a request, [`next_step`] says what must happen next, [`approve`] turns a decision
//! into a grant and a code, and [`deliver`] is the only maker of answers.

mod allowed;
mod answer;
mod approve;
mod consent;
mod next;
mod open;
mod params;
mod prompt;
mod pushed;
mod request;
mod request_object;
mod response_mode;
mod target;

pub use answer::{Answer, Delivery, Members, deliver, members, signed_claims};
pub use approve::{Approved, Fresh, Granting, Term, approve};
pub use consent::{Consent, ConsentChoice, Until};
pub use next::{LoginReason, Step, Who, next_step};
pub use open::{Authorization, CodeStage, Stage};
pub use params::{Params, Repeated};
pub use prompt::{MalformedPrompt, Prompt};
pub use pushed::PushedUri;
pub use request::{Came, Rejection, Request, Surroundings, proven_target, validate};
pub use request_object::RequestObject;
pub use response_mode::{Carrier, ResponseMode, UnknownMode};
pub use target::RedirectTarget;
