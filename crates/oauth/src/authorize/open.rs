//! An authorization request on its way: open, approved with a code, redeemed, or denied.

use super::Request;
use crate::{
    authorize::ConsentChoice,
    launch::Picks,
    vocabulary::{
        AuthorizationId, BrowserToken, Code, Digest, GrantId, IssuerId, PushedSecret, Timestamp,
    },
};

/// A validated request, the browser it belongs to, and how far it has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Authorization {
    /// The issuer it is of.
    pub issuer: IssuerId,
    /// Its id: the handle in the URLs of the pages.
    pub id: AuthorizationId,
    /// The browser that began it; no other may go on with it (L5).
    pub browser: Digest<BrowserToken>,
    /// What its `request_uri` proves itself by, where it was pushed (RFC 9126).
    pub pushed: Option<Digest<PushedSecret>>,
    /// What was asked.
    pub request: Request,
    /// When it began: what `prompt=login` measures a sign-in against.
    pub created_at: Timestamp,
    /// Until when the person may decide.
    pub expires_at: Timestamp,
    /// The address it came from, for the cap on unauthenticated state (Z4).
    pub address: String,
    /// How far it has come.
    pub stage: Stage,
}

/// How far an authorization has come. Expiry is no stage: it is asked of the clock.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// The person has still to decide.
    Open {
        /// The patient that was chosen for it.
        patient: Option<String>,
        /// What was picked for it beside the patient.
        picks: Picks,
        /// Whether the person has confirmed whose account it is (`prompt=select_account`).
        account_confirmed: bool,
        /// What the person decided, to be acted on by the hub.
        choice: Option<ConsentChoice>,
    },
    /// A code was issued.
    Approved {
        /// What the code hashes to.
        code: Digest<Code>,
        /// The grant it stands for.
        grant: GrantId,
        /// When the code can no longer be redeemed.
        code_expires_at: Timestamp,
        /// Whether it was redeemed.
        code_stage: CodeStage,
    },
    /// The person, or a rule, said no.
    Denied,
}

impl Stage {
    /// Where every authorization begins.
    #[must_use]
    pub fn open() -> Self {
        Self::Open {
            patient: None,
            picks: Picks::default(),
            account_confirmed: false,
            choice: None,
        }
    }
}

/// Whether a code was spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeStage {
    /// It was not.
    Live,
    /// It was: to see it again means that it leaked (C1).
    Redeemed,
}
