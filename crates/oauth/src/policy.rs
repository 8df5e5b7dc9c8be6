//! Lifetimes and switches of an issuer, as one value that decisions are given.

use crate::{capability::Capabilities, vocabulary::Lifetime};

/// What an issuer allows, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// From the request at `/authorize` until the person has decided.
    pub authorization: Lifetime,
    /// Of an authorization code (AL-16).
    pub code: Lifetime,
    /// Of an access token with a person behind it; so long may a lost device still read.
    pub access_token: Lifetime,
    /// Of an access token without one, at most 300 s (BS-5).
    pub backend_token: Lifetime,
    /// Of an ID token.
    pub id_token: Lifetime,
    /// In which a lost answer to a refresh may be asked for again (D-07).
    pub refresh_grace: Lifetime,
    /// Of a grant with `offline_access` where the person sets no end.
    pub offline: Lifetime,
    /// Of a session, whatever happens.
    pub session: Lifetime,
    /// Of a session in which nothing happens.
    pub session_idle: Lifetime,
    /// Of a launch handle.
    pub launch: Lifetime,
    /// How far clocks may differ.
    pub skew: Lifetime,
    /// What the SMART configuration promises, and what holds.
    pub capabilities: Capabilities,
    /// Throttling of failed sign-ins and client secrets.
    pub throttle: Throttle,
}

/// After how many failures who must wait how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// Failures per account or client within the window.
    pub failures: u32,
    /// The window in which they are counted, which is also the longest wait.
    pub window: Lifetime,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            authorization: Lifetime::minutes(30),
            code: Lifetime::seconds(60),
            access_token: Lifetime::minutes(5),
            backend_token: Lifetime::minutes(5),
            id_token: Lifetime::minutes(5),
            refresh_grace: Lifetime::seconds(30),
            offline: Lifetime::days(365),
            session: Lifetime::hours(12),
            session_idle: Lifetime::hours(1),
            launch: Lifetime::minutes(5),
            skew: Lifetime::seconds(60),
            capabilities: Capabilities::default(),
            throttle: Throttle { failures: 10, window: Lifetime::minutes(5) },
        }
    }
}
