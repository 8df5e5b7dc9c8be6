//! Who is signed in, and who is about to: in memory, bounded, gone after a while.
//!
//! The EHR keeps no database. A restart signs everybody out, which their session at the issuer heals.

mod bounded;
pub(crate) mod cookie;

use std::{fmt, sync::Arc};

use tokio::sync::Mutex;

use bounded::Bounded;

/// A sign-in that has begun at the issuer. It ends there, or is forgotten after [`PENDING_SECONDS`].
#[derive(Clone)]
pub(crate) struct Pending {
    /// The browser that began it, by its cookie: the answer is taken from no other.
    pub(crate) browser: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
    /// The page of ours to go on to.
    pub(crate) onward: String,
}

/// A clinician who is signed in.
pub(crate) struct Session {
    /// What every form sends back.
    pub(crate) csrf: String,
    pub(crate) name: String,
    /// The clinician's own record, relative to the FHIR base: `Practitioner/1`.
    pub(crate) fhir_user: String,
    /// Tells the issuer whom to sign out.
    pub(crate) id_token: String,
    /// Held over a renewal, so that two tabs never present one refresh token twice.
    pub(crate) tokens: Mutex<Tokens>,
}

/// What the clinician's requests to the FHIR server carry.
#[derive(Clone)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    pub(crate) expires_at: i64,
    /// From then on it is renewed where that is possible.
    pub(crate) renew_at: i64,
}

/// Everybody who is signed in or about to be.
pub(crate) struct Sessions {
    signed_in: Bounded<Arc<Session>>,
    pending: Bounded<Pending>,
}

/// A clinician's session ends after a working day.
const SESSION_SECONDS: i64 = 12 * 3600;
const MOST_SESSIONS: usize = 2_000;
/// As long as somebody may take to sign in.
const PENDING_SECONDS: i64 = 15 * 60;
const MOST_PENDING: usize = 2_000;

impl Sessions {
    pub(crate) fn new() -> Self {
        Self {
            signed_in: Bounded::new(MOST_SESSIONS, SESSION_SECONDS),
            pending: Bounded::new(MOST_PENDING, PENDING_SECONDS),
        }
    }

    pub(crate) fn begin(&self, state: String, pending: Pending, now: i64) {
        self.pending.put(state, pending, now);
    }

    /// Takes the sign-in that an answer belongs to; a second answer finds nothing.
    pub(crate) fn finish(&self, state: &str, now: i64) -> Option<Pending> {
        self.pending.take(state, now)
    }

    pub(crate) fn open(&self, id: String, session: Arc<Session>, now: i64) {
        self.signed_in.put(id, session, now);
    }

    pub(crate) fn find(&self, id: &str, now: i64) -> Option<Arc<Session>> {
        self.signed_in.get(id, now)
    }

    pub(crate) fn close(&self, id: &str, now: i64) -> Option<Arc<Session>> {
        self.signed_in.take(id, now)
    }
}

impl Tokens {
    /// A token from an answer that came at `now`: renewed a little before it ends.
    pub(crate) fn new(access: String, refresh: Option<String>, lifetime: i64, now: i64) -> Self {
        let early = (lifetime / 4).clamp(0, 30);
        Self { access, refresh, expires_at: now + lifetime, renew_at: now + lifetime - early }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("fhir_user", &self.fhir_user).finish_non_exhaustive()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
