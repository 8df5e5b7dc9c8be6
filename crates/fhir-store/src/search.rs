//! Searching one type: the clauses, the permit, the order and the page, as one statement of SQL each for page and total.

use fireward_fhir::search::{Search, Total};
use fireward_fhir::{Branch, Permit};
use sea_orm::sea_query::{Asterisk, Expr, Func, Query, SelectStatement};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::entity::resource;
use crate::error::RecordsError;
use crate::find::Finder;
use crate::include;
use crate::order::Keys;
use crate::page::{Page, after, mark};
use crate::reach::holds;
use crate::records::Records;
use crate::sql::RESOURCE;
use crate::stored::Stored;

impl Records {
    /// A page of what the search finds among what the permit reaches (FHIR R4 search.html).
    ///
    /// # Errors
    /// `NotUnderstood` for a mark of another search, or ours.
    pub async fn search(&self, permit: &Permit, search: &Search) -> Result<Page, RecordsError> {
        page_of(&self.database, permit, search).await
    }
}

/// [`Records::search`], also within a transaction.
pub(crate) async fn page_of<C: ConnectionTrait>(
    db: &C,
    permit: &Permit,
    search: &Search,
) -> Result<Page, RecordsError> {
    let keys = Keys::of(search);
    let after = after(search, &keys)?;
    let finder = Finder::of(permit, search);
    if permit.rejects() && db.query_one(&finder.beyond()).await?.is_some() {
        return Err(RecordsError::Beyond);
    }
    let found = finder.select();
    if search.count_only {
        let total = count(db, &found, None).await?;
        return Ok(Page { total, matches: Vec::new(), included: Vec::new(), next: None });
    }
    let size = search.count.unwrap_or(USUAL_PAGE).min(LARGEST_PAGE);
    let mut page = found.clone();
    page.columns(COLUMNS.map(|column| (RESOURCE, column)));
    keys.order(&mut page, after.as_ref());
    // One more than is shown: whether there is another page.
    page.limit(wide(size) + 1);
    let found_rows = db.query_all(&page).await?;
    let shown = found_rows.iter().take(size);
    let rows = shown.clone().map(|row| resource::Model::from_query_result(row, ""));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let last = shown.last().filter(|_| found_rows.len() > size);
    let next = last.map(|row| keys.place(row)).transpose()?.map(|place| mark(search, &place));
    let total = match search.total {
        Total::None => None,
        _ if after.is_none() && next.is_none() => Some(wide(rows.len())),
        Total::Estimate => count(db, &found, Some(MOST_COUNTED)).await?,
        Total::Accurate => count(db, &found, None).await?,
    };
    let included = include::along(db, permit, search, &rows).await?;
    let matches = rows.into_iter().map(Stored::of).collect::<Result<Vec<_>, _>>()?;
    let matches =
        matches.into_iter().filter(|m| permitted(permit.branches(), m)).collect::<Vec<_>>();
    Ok(Page { total, matches, included, next })
}

/// How many there are; `None` if there are more than `most`.
async fn count<C: ConnectionTrait>(
    db: &C,
    found: &SelectStatement,
    most: Option<u64>,
) -> Result<Option<u64>, RecordsError> {
    let mut some = found.clone();
    some.column((RESOURCE, "number"));
    if let Some(most) = most {
        some.limit(most + 1);
    }
    let mut count = Query::select();
    count.expr_as(Func::count(Expr::col(Asterisk)), "n").from_subquery(some, "found");
    let row = db.query_one(&count).await?;
    let count = row.map(|row| row.try_get::<i64>("", "n")).transpose()?.unwrap_or_default();
    let count = u64::try_from(count).unwrap_or_default();
    Ok(Some(count).filter(|count| most.is_none_or(|most| *count <= most)))
}

fn wide(size: usize) -> u64 {
    u64::try_from(size).unwrap_or(u64::MAX)
}

/// Reads whole rows of `fhir_resource`.
pub(crate) async fn rows<C: ConnectionTrait>(
    db: &C,
    select: &SelectStatement,
) -> Result<Vec<resource::Model>, RecordsError> {
    let rows = db.query_all(select).await?;
    let rows = rows.iter().map(|row| resource::Model::from_query_result(row, ""));
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The second look, at the resource itself. The SQL has left nothing for it to find; if it ever does, the total is wrong
/// and a record is not shown, which is the better half of that mistake.
pub(crate) fn permitted(branches: &[Branch], stored: &Stored) -> bool {
    let allowed = stored.resource().is_ok_and(|resource| holds(branches, &resource));
    if !allowed {
        tracing::error!(
            kind = stored.kind,
            id = stored.id,
            "SQL let a resource through that the permit refuses"
        );
    }
    allowed
}

pub(crate) const COLUMNS: [&str; 7] =
    ["number", "type", "id", "version", "last_updated", "deleted", "body"];

/// How many matches a page has where the asker does not say, and at most.
const USUAL_PAGE: usize = 50;
const LARGEST_PAGE: usize = 1000;

/// As far as matches are counted where nobody asks for an accurate number, so that a page costs the same however many
/// there are.
const MOST_COUNTED: u64 = 10_000;
