//! What became of a token, check by check, for whoever asks why.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::{Check, Claims, Guard, Refusal, Source};

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// It was not made: another failed before it.
    NotReached,
    /// It cannot be made without a request: the token is bound to a key or certificate.
    NotShown,
}

/// A token that was looked into.
#[derive(Debug, Clone)]
pub struct Examination {
    /// Each check that concerns it, in the order in which they are made.
    pub steps: Vec<(Check, Finding)>,
    /// What it says, where its issuer vouches for it: also where it has expired.
    pub claims: Option<Arc<Claims>>,
    /// Why it is not accepted.
    pub refusal: Option<Refusal>,
}

impl Guard {
    /// Looks into a token that comes without a request.
    pub async fn examine(&self, token: &str) -> Examination {
        let now = self.now();
        let handled = self.handler().handle(token, now).await;
        let in_time =
            handled.as_ref().ok().map(|claims| claims.times.are_now(self.config().skew, now));
        let refusal = match (&handled, in_time) {
            (Err(refusal), _) => Some(refusal.clone()),
            (Ok(_), Some(Err(failed))) => Some(failed.into()),
            (Ok(_), Some(Ok(())) | None) => None,
        };
        let claims = handled.ok();
        let end = refusal.as_ref().map_or(End::Last, |refusal| match refusal {
            Refusal::NotAccepted(failed) => End::At(failed.check),
            Refusal::BadRequest(_) | Refusal::Denied(_) | Refusal::Unavailable(_) => End::Before,
        });
        let asked = match &claims {
            Some(claims) => claims.source() == Source::Introspection,
            None => end == End::At(Check::Active),
        };
        let order = if asked { &ASKED[..] } else { &SIGNED[..] };
        let mut steps = found(order, end);
        let bound = claims.as_ref().is_some_and(|claims| claims.is_bound());
        if let Some((_, binding)) = steps.last_mut()
            && bound
            && *binding == Finding::Passed
        {
            *binding = Finding::NotShown;
        }
        Examination { steps, claims, refusal }
    }
}

/// How far the checks went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Nobody could be asked.
    Before,
    /// This one failed.
    At(Check),
    /// All of them hold.
    Last,
}

fn found(order: &[Check], end: End) -> Vec<(Check, Finding)> {
    let last = match end {
        End::Before => 0,
        End::At(check) => order.iter().position(|one| *one == check).unwrap_or(0),
        End::Last => order.len(),
    };
    let find = |(at, check): (usize, &Check)| {
        let finding = match at.cmp(&last) {
            Ordering::Less => Finding::Passed,
            Ordering::Equal if end != End::Before => Finding::Failed,
            Ordering::Equal | Ordering::Greater => Finding::NotReached,
        };
        (*check, finding)
    };
    order.iter().enumerate().map(find).collect()
}

/// The checks of a token that its issuer has signed.
const SIGNED: [Check; 12] = [
    Check::Form,
    Check::Issuer,
    Check::Type,
    Check::Algorithm,
    Check::Claims,
    Check::Audience,
    Check::Key,
    Check::Signature,
    Check::Status,
    Check::NotBefore,
    Check::Expiry,
    Check::Binding,
];

/// The checks of a token that its issuer was asked about.
const ASKED: [Check; 8] = [
    Check::Active,
    Check::Claims,
    Check::Issuer,
    Check::Audience,
    Check::Status,
    Check::NotBefore,
    Check::Expiry,
    Check::Binding,
];

impl Finding {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotReached => "not reached",
            Self::NotShown => "not shown",
        }
    }
}
