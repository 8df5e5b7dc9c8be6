//! The rules of the server at the moment: what is configured, and what patients have denied.

use std::sync::{Arc, PoisonError, RwLock};

use fireward_fhir::Rules;
use fireward_fhir_store::{ConsentsMark, Records, RecordsError};
use time::{Duration, OffsetDateTime};

/// The rules, and when they were last looked at.
pub(crate) struct Site {
    consents: bool,
    known: RwLock<Known>,
}

struct Known {
    rules: Arc<Rules>,
    /// When the records were asked whether there is anything new.
    asked_at: Option<OffsetDateTime>,
    /// When the consents were read, for which moment they hold.
    read_at: Option<OffsetDateTime>,
    mark: Option<ConsentsMark>,
}

impl Site {
    pub(crate) fn new(rules: Rules, consents: bool) -> Self {
        let known = Known { rules: Arc::new(rules), asked_at: None, read_at: None, mark: None };
        Self { consents, known: RwLock::new(known) }
    }

    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner).rules)
    }

    pub(crate) async fn refresh(
        &self,
        records: &Records,
        now: OffsetDateTime,
    ) -> Result<(), RecordsError> {
        if !self.consents || self.is_fresh(now) {
            return Ok(());
        }
        let mark = records.consents_mark().await?;
        let read_at = self.read_for(mark);
        // Periods begin and end without anything being written.
        let consents = match read_at.filter(|at| now - *at < PERIODS) {
            Some(_) => None,
            None => Some(Arc::new(records.consents(now).await?)),
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.asked_at = Some(now);
        if let Some(consents) = consents {
            known.rules = Arc::new(Rules { consents, ..(*known.rules).clone() });
            (known.read_at, known.mark) = (Some(now), Some(mark));
        }
        Ok(())
    }

    fn is_fresh(&self, now: OffsetDateTime) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.asked_at.is_some_and(|at| now - at < FRESH)
    }

    /// When the consents of this mark were read, if they were.
    fn read_for(&self, mark: ConsentsMark) -> Option<OffsetDateTime> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.read_at.filter(|_| known.mark == Some(mark))
    }
}

/// Within this a new denial counts.
const FRESH: Duration = Duration::SECOND;

/// Within this the end of a period does.
const PERIODS: Duration = Duration::MINUTE;
