//! Versions of one resource, of a type, or of everything, the newest first (FHIR R4 http.html#history).
//!
//! A version is listed where the permit reaches both it and the current one; a deletion counts as the version before it.
//! What is hidden leaves no trace: it counts for no page, and no mark tells of it (D-39).

use std::collections::HashMap;

use fireward_fhir::{Branch, Permit, Reach, Versions, Whose};
use fireward_jose::b64;
use sea_orm::sea_query::SelectStatement;
use sea_orm::sea_query::{Alias, Cond, Condition, Expr, ExprTrait, IntoCondition, Order, Query};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::entity::version;
use crate::error::RecordsError;
use crate::index::PATIENT;
use crate::reach::{members, referred_to_by};
use crate::read::{earlier, find, visible_now};
use crate::records::Records;
use crate::sql::{RESOURCE, any_of};
use crate::stored::{Stored, millis};
use crate::visible::visible;

/// Whose versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    /// Of the resource with this type and id.
    Instance(&'static str, &'a str),
    /// Of every resource that the permit is for.
    All,
}

/// A page of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// The versions, the newest first. A deletion has no body.
    pub versions: Vec<Stored>,
    /// The value of `_page` for the next page, if there is one.
    pub next: Option<String>,
    /// Whether this page is the whole history that was asked for.
    pub whole: bool,
}

impl Records {
    /// A page of the versions that the permit reaches.
    ///
    /// # Errors
    /// `Missing` for an instance of which the asker may see no version, `NotUnderstood` for a mark that none of ours is,
    /// `TooCostly` where too much would have to be looked through, or ours.
    pub async fn history(
        &self,
        permit: &Permit,
        of: Of<'_>,
        versions: &Versions,
    ) -> Result<Past, RecordsError> {
        history_in(&self.database, permit, of, versions).await
    }
}

/// [`Records::history`], also within a transaction.
pub(crate) async fn history_in<C: ConnectionTrait>(
    db: &C,
    permit: &Permit,
    of: Of<'_>,
    versions: &Versions,
) -> Result<Past, RecordsError> {
    let page = page(db, permit, of, versions).await?;
    let Of::Instance(kind, id) = of else { return Ok(page) };
    let unfiltered = Versions { count: Some(1), ..Versions::default() };
    if page.versions.is_empty() && (find(db, kind, id).await?.is_none() || *versions == unfiltered)
    {
        return Err(RecordsError::Missing);
    }
    if page.versions.is_empty() {
        // Nothing of that time; but is there anything at all that the asker may see?
        Box::pin(history_in(db, permit, of, &unfiltered)).await?;
    }
    Ok(page)
}

async fn page<C: ConnectionTrait>(
    db: &C,
    permit: &Permit,
    of: Of<'_>,
    versions: &Versions,
) -> Result<Past, RecordsError> {
    let size = versions.count.unwrap_or(USUAL_PAGE).clamp(1, LARGEST_PAGE);
    let mut after = match &versions.page {
        Some(text) => Some(Mark::read(db, text).await?),
        None => None,
    };
    let first = after.is_none();
    let mut shown: Vec<Stored> = Vec::new();
    let mut looked_at = 0;
    let mut now = HashMap::new();
    loop {
        let wanted = (size + 1 - shown.len()).max(FEWEST);
        let candidates = candidates(db, permit, of, (versions, after.as_ref(), wanted)).await?;
        let exhausted = candidates.len() < wanted;
        looked_at += candidates.len();
        for (number, stored) in candidates {
            after = Some(Mark::of(number, &stored));
            if is_visible(db, permit, (number, &stored), &mut now).await? {
                shown.push(stored);
            }
            if shown.len() > size {
                shown.truncate(size);
                let next = shown.last().map(Mark::write);
                return Ok(Past { versions: shown, next, whole: false });
            }
        }
        if exhausted {
            return Ok(Past { versions: shown, next: None, whole: first });
        }
        if looked_at > MOST_LOOKED_AT {
            return Err(RecordsError::TooCostly);
        }
    }
}

/// Whether the permit reaches this version and the current one; of a deletion, whether it reaches the one before. `now` is
/// what is known already of current ones, by the number of the resource.
async fn is_visible<C: ConnectionTrait>(
    db: &C,
    permit: &Permit,
    (number, stored): (i64, &Stored),
    now: &mut HashMap<i64, bool>,
) -> Result<bool, RecordsError> {
    let Some(kind) = permit.kinds().find(|kind| *kind == stored.kind) else { return Ok(false) };
    let permit = permit.of(kind);
    let reached = if let Some(known) = now.get(&number).copied() {
        known
    } else {
        let row = find(db, kind, &stored.id).await?.ok_or(RecordsError::Missing)?;
        yes(visible_now(db, &permit, number, &Stored::of(row)?).await)?
    };
    now.insert(number, reached);
    if !reached {
        return Ok(false);
    }
    let judged = if stored.deleted {
        &earlier(db, number, stored, stored.version.saturating_sub(1)).await?
    } else {
        stored
    };
    yes(visible(db, &permit, judged).await)
}

fn yes(reached: Result<(), RecordsError>) -> Result<bool, RecordsError> {
    match reached {
        Ok(()) => Ok(true),
        Err(RecordsError::Missing) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Versions that may be visible, the newest first: from the table of current ones and from that of earlier ones.
async fn candidates<C: ConnectionTrait>(
    db: &C,
    permit: &Permit,
    of: Of<'_>,
    (versions, after, wanted): (&Versions, Option<&Mark>, usize),
) -> Result<Vec<(i64, Stored)>, RecordsError> {
    let limit = u64::try_from(wanted).unwrap_or(u64::MAX);
    let mut all = Vec::with_capacity(wanted * 2);
    for table in [Table::Current, Table::Earlier] {
        let mut select = table.select();
        select.cond_where(whose(permit, of));
        if let Some(since) = versions.since {
            select.and_where(table.column("last_updated").gte(since));
        }
        if let Some((from, to)) = versions.at {
            select.cond_where(table.was_current(from, to));
        }
        if let Some(after) = after {
            select.cond_where(after.precedes(table));
        }
        for key in table.keys() {
            select.order_by_expr(key, Order::Desc);
        }
        select.limit(limit);
        for row in db.query_all(&select).await? {
            let kind: String = row.try_get("", "type")?;
            let id: String = row.try_get("", "id")?;
            let model = version::Model::from_query_result(&row, "")?;
            all.push((model.resource, Stored::of_version(kind, id, model)?));
        }
    }
    all.sort_by_key(|(number, stored)| std::cmp::Reverse(Mark::of(*number, stored)));
    all.truncate(wanted);
    Ok(all)
}

/// Whose versions may be among those that are visible: what is certain is decided version by version.
fn whose(permit: &Permit, of: Of<'_>) -> Condition {
    match of {
        Of::Instance(kind, id) => Cond::all()
            .add(Expr::col((RESOURCE, "type")).eq(kind))
            .add(Expr::col((RESOURCE, "id")).eq(id)),
        Of::All => any_of(permit.kinds().map(|kind| {
            let permit = permit.of(kind);
            let reached = any_of(permit.branches().iter().map(|branch| ever(branch, kind)));
            Cond::all().add(Expr::col((RESOURCE, "type")).eq(kind)).add(reached)
        })),
    }
}

/// Whether some version of the resource may have been within the branch.
fn ever(branch: &Branch, kind: &str) -> Condition {
    match &branch.reach {
        Reach::Everything => Cond::all(),
        Reach::Record(whose) => any_of([PATIENT, PAST_PATIENT].map(|table| about(table, whose))),
        Reach::ReferredTo { whose, by } => referred_to_by(whose, by, kind),
        Reach::One(id) => Expr::col((RESOURCE, "id")).eq(id).into_condition(),
    }
}

/// Whether the resource is, or was, about whom the branch is about.
fn about(table: &'static str, whose: &Whose) -> Condition {
    let mut record = Query::select();
    record.column((table, "resource")).from(table);
    match whose {
        Whose::Patient(patient) => {
            record.and_where(Expr::col((table, "patient")).eq(patient));
        }
        Whose::Members(group) => {
            let mut members = members(group);
            members.clear_selects().column("target");
            record.and_where(Expr::col((table, "patient")).in_subquery(members));
        }
        Whose::Anyone => {}
    }
    Expr::col((RESOURCE, "number")).in_subquery(record).into_condition()
}

/// Where versions are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Current,
    Earlier,
}

impl Table {
    /// A column that both tables have.
    fn column(self, name: &'static str) -> Expr {
        Expr::col((self.name(), name))
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Current => RESOURCE,
            Self::Earlier => VERSION,
        }
    }

    /// What a history is ordered by.
    fn keys(self) -> [Expr; 3] {
        let number = Expr::col((RESOURCE, "number"));
        [self.column("last_updated"), number, self.column("version")]
    }

    fn select(self) -> SelectStatement {
        let mut select = Query::select();
        select.from(RESOURCE).columns([(RESOURCE, "type"), (RESOURCE, "id")]);
        select.expr_as(Expr::col((RESOURCE, "number")), Alias::new("resource"));
        select.columns(
            ["version", "last_updated", "deleted", "body"].map(|name| (self.name(), name)),
        );
        if self == Self::Earlier {
            let same = Expr::col((VERSION, "resource")).equals((RESOURCE, "number"));
            select.inner_join(VERSION, same);
        }
        select
    }

    /// Whether the version came no later than the end of the span, and its successor not before it began.
    fn was_current(self, from: i64, to: i64) -> Condition {
        let began = Cond::all().add(self.column("last_updated").lte(to));
        if self == Self::Current {
            return began;
        }
        let next_is_current = Expr::col((RESOURCE, "version")).eq(self.column("version").add(1));
        let current_later = Expr::col((RESOURCE, "last_updated")).gt(from);
        let mut next = Query::select();
        next.expr(Expr::val(1)).from_as(VERSION, NEXT);
        next.and_where(Expr::col((NEXT, "resource")).equals((RESOURCE, "number")));
        next.and_where(Expr::col((NEXT, "version")).eq(self.column("version").add(1)));
        next.and_where(Expr::col((NEXT, "last_updated")).gt(from));
        let succeeded_later = Cond::any()
            .add(Cond::all().add(next_is_current).add(current_later))
            .add(Expr::exists(next));
        began.add(succeeded_later)
    }
}

/// A version's place in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    last_updated: i64,
    number: i64,
    version: u64,
}

impl Mark {
    fn of(number: i64, stored: &Stored) -> Self {
        Self { last_updated: millis(stored.last_updated), number, version: stored.version }
    }

    /// What the link to the next page holds: nothing but what its holder was shown.
    fn write(last: &Stored) -> String {
        let place =
            format!("{}~{}~{}~{}", millis(last.last_updated), last.version, last.kind, last.id);
        b64::encode(place)
    }

    /// Looks up the row that it names, which only whoever was shown it may have done: marks are taken from those alone
    /// to whom they were given (see [`crate::Seal`]).
    async fn read<C: ConnectionTrait>(db: &C, text: &str) -> Result<Self, RecordsError> {
        let refused = || RecordsError::NotUnderstood("`_page` is no mark of a history".to_owned());
        let text = b64::decode(text).ok().and_then(|text| String::from_utf8(text).ok());
        let text = text.ok_or_else(refused)?;
        let mut parts = text.splitn(4, '~');
        let mut next = || parts.next().ok_or_else(refused);
        let last_updated = next()?.parse().map_err(|_| refused())?;
        let version: u64 = next()?.parse().map_err(|_| refused())?;
        i64::try_from(version).map_err(|_| refused())?;
        let (kind, id) = (next()?, next()?);
        let row = find(db, kind, id).await?.ok_or_else(refused)?;
        Ok(Self { last_updated, number: row.number, version })
    }

    /// Whether a row comes after this place, which in a history is before it in time.
    fn precedes(self, table: Table) -> Condition {
        let version = i64::try_from(self.version).unwrap_or(i64::MAX);
        let values = [self.last_updated, self.number, version];
        let mut any = Cond::any();
        let mut equal = Cond::all();
        for (key, value) in table.keys().into_iter().zip(values) {
            any = any.add(equal.clone().add(key.clone().lt(value)));
            equal = equal.add(key.eq(value));
        }
        // Said once more, so that the index on the time is used.
        Cond::all().add(table.column("last_updated").lte(self.last_updated)).add(any)
    }
}

/// The patients that earlier versions were about.
pub(crate) const PAST_PATIENT: &str = "fhir_past_patient";

const VERSION: &str = "fhir_version";
const NEXT: &str = "successor";

/// How many entries a page has where the asker does not say, and at most.
const USUAL_PAGE: usize = 50;
const LARGEST_PAGE: usize = 1000;

/// How many versions are looked at together, at least, and for one page, at most.
const FEWEST: usize = 50;
const MOST_LOOKED_AT: usize = 20_000;
