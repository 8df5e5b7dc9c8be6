//! The one reader of the clock. Everyone else is told what time it is.

use std::{sync::Arc, time::UNIX_EPOCH};

use fireward_oauth::Timestamp;
use time::OffsetDateTime;

/// A way to ask for the time.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The system's clock.
pub(crate) fn system() -> Clock {
    Arc::new(now)
}

/// The time now, as a date.
pub(crate) fn calendar() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(now().unix()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// The time now; a clock before 1970 reads as 1970, when nothing is valid yet.
pub(crate) fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the one reader of the clock")]
    let now = std::time::SystemTime::now();
    let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |span| span.as_secs());
    Timestamp::from_unix(i64::try_from(seconds).unwrap_or(i64::MAX))
}
