//! What patients have denied, for the rules of the server: no resource of it leaves this crate.

use fireward_fhir::policy::Consents;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, Query};
use time::OffsetDateTime;

use crate::error::RecordsError;
use crate::records::Records;
use crate::search::{COLUMNS, rows};
use crate::sql::{RESOURCE, existing};
use crate::stored::{Stored, millis};

/// Changes whenever a `Consent` is written or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentsMark {
    count: i64,
    newest: Option<i64>,
}

impl Records {
    /// Whether consents have changed shows when this does.
    ///
    /// # Errors
    /// Ours.
    pub async fn consents_mark(&self) -> Result<ConsentsMark, RecordsError> {
        let mut select = Query::select();
        // Deleted ones as well: a deletion is a change.
        select.from(RESOURCE).and_where(Expr::col((RESOURCE, "type")).eq("Consent"));
        select.expr_as(Func::count(Expr::col(Asterisk)), Alias::new("n"));
        select.expr_as(Expr::col((RESOURCE, "last_updated")).max(), Alias::new("newest"));
        let row = self.database.query_one(&select).await?;
        let Some(row) = row else { return Ok(ConsentsMark { count: 0, newest: None }) };
        Ok(ConsentsMark { count: row.try_get("", "n")?, newest: row.try_get("", "newest")? })
    }

    /// What patients have denied, as it is at `now`.
    ///
    /// # Errors
    /// Ours.
    pub async fn consents(&self, now: OffsetDateTime) -> Result<Consents, RecordsError> {
        let mut select = existing("Consent");
        select.columns(COLUMNS.map(|column| (RESOURCE, column)));
        let found = rows(&self.database, &select).await?;
        let found = found.into_iter().map(|row| Stored::of(row)?.resource());
        let found = found.collect::<Result<Vec<_>, _>>()?;
        Ok(Consents::read(&found, millis(now)))
    }

    /// Whether there is a resource with this id, deleted or not.
    ///
    /// # Errors
    /// Ours.
    pub async fn knows(&self, kind: &str, id: &str) -> Result<bool, RecordsError> {
        Ok(crate::read::find(&self.database, kind, id).await?.is_some())
    }
}
