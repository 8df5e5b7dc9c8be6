//! How often a client asks how an export stands: whoever asks again and again is told to wait (Bulk Data Access STU 2,
//! "Bulk Data Status Request").

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use time::{Duration, OffsetDateTime};

/// The polls of this node, by export.
#[derive(Debug, Clone, Default)]
pub(crate) struct Polls(Arc<Mutex<HashMap<i64, Window>>>);

#[derive(Debug, Clone, Copy)]
struct Window {
    began: OffsetDateTime,
    asked: u32,
}

impl Polls {
    /// Counts a poll of the export of this number, and says whether it is one too many.
    pub(super) fn is_too_quick(&self, export: i64, now: OffsetDateTime) -> bool {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those of nobody who asks any more make room.
        windows.retain(|_, window| now < window.began + SPAN);
        let window = windows.entry(export).or_insert(Window { began: now, asked: 0 });
        window.asked = window.asked.saturating_add(1);
        window.asked > MOST
    }
}

/// For how long polls are counted together.
const SPAN: Duration = Duration::seconds(10);

/// How many there may be of one export in that time; those who keep to `Retry-After` need ten.
const MOST: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_more_than_twice_a_second_waits_and_nobody_else_does() {
        let (polls, now) = (Polls::default(), OffsetDateTime::UNIX_EPOCH);
        let at = |millis: i64| now + Duration::milliseconds(millis);
        assert!((0..20).all(|poll| !polls.is_too_quick(1, at(poll * 100))));
        assert!(polls.is_too_quick(1, at(2_000)));
        assert!(!polls.is_too_quick(2, at(2_000)), "another export");
        assert!(polls.is_too_quick(1, at(9_999)));
        assert!(!polls.is_too_quick(1, at(10_000)));
        assert!((0..100).all(|second| !polls.is_too_quick(3, at(second * 1_000))));
        assert_eq!(polls.0.lock().unwrap().len(), 1, "what is over is forgotten");
    }
}
