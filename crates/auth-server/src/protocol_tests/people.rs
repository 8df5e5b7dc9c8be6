//! Who is signed in.

use fireward_oauth::{Digest, SessionToken, Timestamp, UserId, people::Session, policy::Policy};

use super::world::main;

/// A session of Ana's.
pub(super) fn session(digest: Digest<SessionToken>, now: Timestamp) -> Session {
    Session {
        issuer: main(),
        digest,
        sid: "sid-1".into(),
        user: UserId::parse("ana").unwrap(),
        auth_time: now,
        amr: vec!["pwd".into()],
        last_seen: now,
        expires_at: now.plus(Policy::default().session),
        device: "Firefox on Linux".into(),
        address: "127.0.0.1".into(),
    }
}
