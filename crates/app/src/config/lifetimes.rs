//! `[lifetimes]`: how long things last, in seconds.

use fireward_oauth::{Lifetime, policy::Policy};
use serde::Deserialize;

/// Lifetimes in seconds; what is not given keeps its default.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Lifetimes {
    authorization: Option<u32>,
    pushed: Option<u32>,
    code: Option<u32>,
    access_token: Option<u32>,
    backend_token: Option<u32>,
    id_token: Option<u32>,
    refresh_grace: Option<u32>,
    offline: Option<u32>,
    session: Option<u32>,
    session_idle: Option<u32>,
    launch: Option<u32>,
}

impl Lifetimes {
    /// The issuer's policy with these lifetimes, within what the specifications allow.
    ///
    /// # Errors
    /// Names the value that is outside its bounds.
    pub(crate) fn policy(&self) -> Result<Policy, String> {
        let mut policy = Policy::default();
        let bounds = [
            (&mut policy.authorization, self.authorization, 60, 86_400, "authorization"),
            (&mut policy.pushed, self.pushed, 5, 600, "pushed"),
            (&mut policy.code, self.code, 1, 600, "code"),
            (&mut policy.access_token, self.access_token, 1, 86_400, "access_token"),
            (&mut policy.backend_token, self.backend_token, 1, 300, "backend_token"),
            (&mut policy.id_token, self.id_token, 1, 86_400, "id_token"),
            (&mut policy.refresh_grace, self.refresh_grace, 0, 60, "refresh_grace"),
            (&mut policy.offline, self.offline, 1, 10 * 365 * 86_400, "offline"),
            (&mut policy.session, self.session, 1, 30 * 86_400, "session"),
            (&mut policy.session_idle, self.session_idle, 1, 30 * 86_400, "session_idle"),
            (&mut policy.launch, self.launch, 1, 3_600, "launch"),
        ];
        for (into, given, least, most, name) in bounds {
            let Some(seconds) = given else { continue };
            if !(least..=most).contains(&seconds) {
                return Err(format!("[lifetimes] {name} must be {least} to {most} seconds"));
            }
            *into = Lifetime::seconds(seconds);
        }
        Ok(policy)
    }
}
