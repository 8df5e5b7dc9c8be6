//! Reading a type from its first resource to its last, as the records were at one moment.

use fireward_fhir::compartment::{Belonging, belonging};
use fireward_fhir::definitions;
use fireward_fhir::export::{Level, Part};
use fireward_fhir::{Permit, Source, Whose};
use sea_orm::sea_query::{Cond, Condition, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;

use super::{Exports, Item};
use crate::entity::{resource, version};
use crate::error::RecordsError;
use crate::index::REFERENCE;
use crate::reach::{holds, in_record, reaches, referred_to, referred_to_by};
use crate::read::earlier;
use crate::search::{COLUMNS, rows};
use crate::sql::{RESOURCE, any_of, meets};
use crate::stored::Stored;
use crate::visible::{has_member, visible};

/// One type of one export.
#[derive(Debug, Clone, Copy)]
pub struct Walk<'a> {
    /// The type, what the token allows of it, and what is wanted.
    pub part: &'a Part,
    /// Of whom.
    pub level: &'a Level,
    /// Only what was changed after this, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Only what was changed before this, in milliseconds since 1970.
    pub until: Option<i64>,
    /// The moment that the export is of.
    pub at: i64,
}

/// What a step has found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// Resources.
    pub found: Vec<Item>,
    /// Deletions; only since a moment.
    pub deleted: Vec<Item>,
    /// After which number to go on; none at the end of the type.
    pub after: Option<i64>,
}

impl Exports<'_> {
    /// A step of the way: what there is among the next resources of the type, after the one of this number.
    ///
    /// # Errors
    /// Ours.
    pub async fn step(&self, walk: &Walk<'_>, after: i64) -> Result<Batch, RecordsError> {
        let select = walk.select(after);
        let rows = rows(&self.0.database, &select).await?;
        let full = rows.len() as u64 >= walk.size();
        let last = rows.last().map(|row| row.number).filter(|_| full);
        let mut batch = Batch { after: last, ..Batch::default() };
        for row in rows {
            let number = row.number;
            let Some(then) = self.seen(walk, row).await? else { continue };
            let version = i64::try_from(then.version).unwrap_or(i64::MAX);
            let those = if then.deleted { &mut batch.deleted } else { &mut batch.found };
            those.push(Item { number, version });
        }
        Ok(batch)
    }

    /// The version that the export is to have, if any.
    async fn seen(
        &self,
        walk: &Walk<'_>,
        row: resource::Model,
    ) -> Result<Option<Stored>, RecordsError> {
        if row.last_updated > walk.at || row.deleted {
            return self.then(walk, row).await;
        }
        let stored = Stored::of(row)?;
        let agreed = !walk.looks_twice() || walk.agrees(&stored)?;
        Ok(agreed.then_some(stored))
    }

    /// The version that was current at the moment, if the export is to have it. The search index knows only today's
    /// versions, so this one is judged by what it says itself.
    async fn then(
        &self,
        walk: &Walk<'_>,
        row: resource::Model,
    ) -> Result<Option<Stored>, RecordsError> {
        let db = &self.0.database;
        let (number, now) = (row.number, row.clone());
        let then = if now.last_updated <= walk.at {
            Some(Stored::of(row)?)
        } else {
            let before = version::Entity::find()
                .filter(version::Column::Resource.eq(number))
                .filter(version::Column::LastUpdated.lte(walk.at))
                .order_by_desc(version::Column::Version);
            let before = before.one(db).await?;
            before.map(|before| Stored::of_version(row.kind, row.id, before)).transpose()?
        };
        let Some(then) = then.filter(|then| walk.spans(then)) else { return Ok(None) };
        if !then.deleted {
            return Ok(self.has(walk, &then).await?.then_some(then));
        }
        if walk.since.is_none() {
            return Ok(None);
        }
        // A deletion is told to those who could see what was deleted.
        let before = earlier(db, number, &then, then.version.saturating_sub(1)).await?;
        Ok(self.has(walk, &before).await?.then_some(then))
    }

    async fn has(&self, walk: &Walk<'_>, stored: &Stored) -> Result<bool, RecordsError> {
        match visible(&self.0.database, &walk.part.permit, stored).await {
            Ok(()) => {}
            Err(RecordsError::Missing) => return Ok(false),
            Err(error) => return Err(error),
        }
        let resource = stored.resource()?;
        Ok(walk.finds(&resource) && self.within(walk, stored, &resource).await?)
    }

    /// Whether the resource is of those whom the export is about.
    async fn within(
        &self,
        walk: &Walk<'_>,
        stored: &Stored,
        resource: &Value,
    ) -> Result<bool, RecordsError> {
        let db = &self.0.database;
        let Some(whose) = walk.whose() else { return Ok(true) };
        if belonging(&stored.kind) == Belonging::Shared {
            let mut references = referred_to(&whose, &everything_of_patients(), &stored.kind);
            references.expr(Expr::val(1)).limit(1);
            references.and_where(Expr::col((REFERENCE, "target")).eq(stored.id.as_str()));
            return Ok(db.query_one(&references).await?.is_some());
        }
        match &whose {
            Whose::Members(group) => has_member(db, group, resource).await,
            Whose::Anyone | Whose::Patient(_) => Ok(whose.surely(resource)),
        }
    }
}

impl Walk<'_> {
    /// Whether it was changed within the time that was asked for.
    fn spans(&self, stored: &Stored) -> bool {
        let changed = crate::stored::millis(stored.last_updated);
        self.since.is_none_or(|since| changed > since)
            && self.until.is_none_or(|until| changed < until)
    }

    fn permit(&self) -> &Permit {
        &self.part.permit
    }

    /// Whether more than the type decides what is found.
    fn looks_twice(&self) -> bool {
        !(self.permit().sees_everything()
            && self.part.filters.is_empty()
            && *self.level == Level::System)
    }

    /// How many rows a step reads: many where they come without their text.
    fn size(&self) -> u64 {
        if self.looks_twice() { 200 } else { 2_000 }
    }

    fn whose(&self) -> Option<Whose> {
        match self.level {
            Level::System => None,
            Level::Patients => Some(Whose::Anyone),
            Level::Group(id) => Some(Whose::Members(id.clone())),
        }
    }

    fn select(&self, after: i64) -> SelectStatement {
        let kind = self.permit().kind();
        let col = |name: &'static str| Expr::col((RESOURCE, name));
        let wanted = Cond::all().add(col("deleted").eq(false)).add(self.wanted(kind));
        let then = match self.since {
            None => Cond::all().add(wanted),
            Some(since) => Cond::all()
                .add(col("last_updated").gt(since))
                .add(Cond::any().add(col("deleted").eq(true)).add(wanted)),
        };
        let then = then.add_option(self.until.map(|until| col("last_updated").lt(until)));
        let mut select = Query::select();
        select.from(RESOURCE).and_where(col("type").eq(kind)).and_where(col("number").gt(after));
        // What has changed since then is looked at one by one.
        select.cond_where(Cond::any().add(col("last_updated").gt(self.at)).add(then));
        for column in COLUMNS {
            if column == "body" && !self.looks_twice() {
                select.expr_as(Expr::val(""), column);
            } else {
                select.column((RESOURCE, column));
            }
        }
        select.order_by((RESOURCE, "number"), Order::Asc).limit(self.size());
        select
    }

    /// Whether a row is within the permit, the level and the filters.
    fn wanted(&self, kind: &str) -> Condition {
        let level = self.whose().map(|whose| match belonging(kind) {
            Belonging::Shared => referred_to_by(&whose, &everything_of_patients(), kind),
            Belonging::Itself | Belonging::Reference | Belonging::Nobody => {
                in_record((RESOURCE, "number"), &whose, &[kind])
            }
        });
        let filters = self
            .part
            .filters
            .iter()
            .map(|filter| filter.clauses.iter().map(meets).fold(Cond::all(), Condition::add));
        let filters = (!self.part.filters.is_empty()).then(|| any_of(filters));
        let reached = reaches(self.permit().branches(), kind);
        Cond::all().add(reached).add_option(level).add_option(filters)
    }

    /// The second look, at a resource that the SQL has let through.
    fn agrees(&self, stored: &Stored) -> Result<bool, RecordsError> {
        let resource = stored.resource()?;
        let shared = belonging(&stored.kind) == Belonging::Shared;
        let of_level = |whose: Whose| shared || whose.perhaps(&resource);
        let agrees = holds(self.permit().branches(), &resource)
            && self.finds(&resource)
            && self.whose().is_none_or(of_level);
        if !agrees {
            let (kind, id) = (&stored.kind, &stored.id);
            tracing::error!(kind, id, "SQL let a resource into an export that it must not have");
        }
        Ok(agrees)
    }

    fn finds(&self, resource: &Value) -> bool {
        let filters = &self.part.filters;
        filters.is_empty()
            || filters.iter().any(|filter| fireward_fhir::search::matches(filter, resource))
    }
}

/// The records of patients, whole: what they refer to is exported with them.
fn everything_of_patients() -> Vec<Source> {
    let kinds = definitions::types()
        .iter()
        .filter(|kind| matches!(belonging(kind), Belonging::Itself | Belonging::Reference));
    kinds.map(|kind| Source { kind, clauses: Vec::new(), except: Vec::new() }).collect()
}
