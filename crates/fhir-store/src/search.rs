//! Searching one type: the clauses, the permit, the order and the page, as one statement of SQL each for page and total.

use fireward_fhir::definitions::Kind;
use fireward_fhir::search::{Search, Sort};
use fireward_fhir::{Branch, Permit};
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Func, NullOrdering, Order, Query};
use sea_orm::sea_query::{SelectStatement, SimpleExpr};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::entity::resource;
use crate::error::RecordsError;
use crate::include;
use crate::page::{Mark, Page};
use crate::reach::{holds, reaches};
use crate::records::Records;
use crate::sql::{RESOURCE, existing, meets, table};
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
    let mark = Mark::of(search)?;
    let found = found(permit, search);
    let total = count(db, &found).await?;
    let size = search.count.unwrap_or(USUAL_PAGE).min(LARGEST_PAGE);
    if search.count_only {
        return Ok(Page { total, matches: Vec::new(), included: Vec::new(), next: None });
    }
    let rows = page(db, found, search, (mark, size)).await?;
    let included = include::along(db, permit, search, &rows).await?;
    let matches = rows.into_iter().map(Stored::of).collect::<Result<Vec<_>, _>>()?;
    let matches =
        matches.into_iter().filter(|m| permitted(permit.branches(), m)).collect::<Vec<_>>();
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    let next = (mark.offset + size < total).then(|| mark.after(size, search));
    Ok(Page { total, matches, included, next })
}

async fn count<C: ConnectionTrait>(db: &C, found: &SelectStatement) -> Result<u64, RecordsError> {
    let mut count = found.clone();
    count.expr_as(Func::count(Expr::col(Asterisk)), "n");
    let row = db.query_one(&count).await?;
    let count = row.map(|row| row.try_get::<i64>("", "n")).transpose()?.unwrap_or_default();
    Ok(u64::try_from(count).unwrap_or_default())
}

async fn page<C: ConnectionTrait>(
    db: &C,
    found: SelectStatement,
    search: &Search,
    (mark, size): (Mark, usize),
) -> Result<Vec<resource::Model>, RecordsError> {
    let mut page = found;
    page.columns(COLUMNS.map(|column| (RESOURCE, column)));
    for sort in &search.sort {
        let order = if sort.descending { Order::Desc } else { Order::Asc };
        page.order_by_expr_with_nulls(key(sort), order, NullOrdering::Last);
    }
    // Last of all the number, so that resources with equal keys do not change places between pages.
    page.order_by((RESOURCE, "number"), Order::Asc);
    page.limit(u64::try_from(size).unwrap_or(u64::MAX)).offset(mark.offset);
    rows(db, &page).await
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

/// What exists, meets every clause, and is reached by the permit. A permit for another type reaches nothing.
fn found(permit: &Permit, search: &Search) -> SelectStatement {
    let branches = if permit.kind() == search.kind { permit.branches() } else { &[] };
    let mut found = existing(search.kind);
    for clause in &search.clauses {
        found.cond_where(meets(search.kind, clause));
    }
    found.cond_where(reaches(branches, search.kind));
    found
}

/// The value that a resource is sorted by: its first for an ascending order, its last for a descending one.
fn key(sort: &Sort) -> SimpleExpr {
    match sort.param.name {
        "_id" => return Expr::col((RESOURCE, "id")),
        "_lastUpdated" => return Expr::col((RESOURCE, "last_updated")),
        _ => {}
    }
    let column = match sort.param.kind {
        Kind::Token => "code",
        Kind::String => "folded",
        Kind::Date if sort.descending => "high",
        Kind::Date => "low",
        Kind::Reference => "target",
        Kind::Quantity | Kind::Uri => "value",
    };
    let value = Expr::col(column);
    let mut key = Query::select();
    key.from(table(sort.param.kind)).expr(if sort.descending { value.max() } else { value.min() });
    key.and_where(Expr::col("resource").eq(Expr::col((RESOURCE, "number"))));
    key.and_where(Expr::col("param").eq(sort.param.name));
    SimpleExpr::from(key)
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
