//! Creating, updating and deleting, each in one transaction that the version decides (design: the gate is a conditional write).

use fireward_fhir::Permit;
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, DatabaseTransaction};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::entity::{resource, version};
use crate::error::RecordsError;
use crate::exports::newest;
use crate::history::PAST_PATIENT;
use crate::index;
use crate::read::{earlier, find};
use crate::records::Records;
use crate::stored::{self, Stored, millis};
use crate::trail::Before;
use crate::transaction::transact;
use crate::visible::visible;

/// What must be true of the current version for a write to go ahead (RFC 9110 §13.1).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Precondition {
    /// Nothing.
    #[default]
    None,
    /// There is one: `If-Match: *`.
    Present,
    /// It is one of these: `If-Match: W/"3"`.
    OneOf(Vec<u64>),
    /// There is none: `If-None-Match: *`.
    Absent,
}

impl Precondition {
    pub(crate) fn check(&self, current: Option<u64>) -> Result<(), RecordsError> {
        let met = match self {
            Self::None => true,
            Self::Present => current.is_some(),
            Self::OneOf(versions) => current.is_some_and(|c| versions.contains(&c)),
            Self::Absent => current.is_none(),
        };
        let stale = || RecordsError::Stale { current: current.unwrap_or_default() };
        met.then_some(()).ok_or_else(stale)
    }
}

/// What an update left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The version that is now current.
    pub stored: Stored,
    /// Whether there was none before: 201 instead of 200.
    pub created: bool,
}

/// A change to the resource `kind`/`id`.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// The type.
    pub kind: &'a str,
    /// The logical id.
    pub id: &'a str,
    /// What must be true of the current version.
    pub only_if: Precondition,
    /// The time of the change.
    pub now: OffsetDateTime,
}

impl Change<'_> {
    /// Where a version is expected, a resource that the permit does not reach fails as one that is not there (D-39).
    fn hidden(&self, error: RecordsError) -> RecordsError {
        match (error, &self.only_if) {
            (RecordsError::Missing, Precondition::Present | Precondition::OneOf(_)) => {
                RecordsError::Stale { current: 0 }
            }
            (error, _) => error,
        }
    }
}

impl Records {
    /// Stores a new resource under the id in `change`, which the caller drew at random (FHIR R4 http.html#create).
    ///
    /// # Errors
    /// `Refused` where the permit does not allow the resource (D-40), or ours.
    pub async fn create(
        &self,
        permit: &Permit,
        change: &Change<'_>,
        resource: &Value,
    ) -> Result<Stored, RecordsError> {
        let absent = Change { only_if: Precondition::Absent, ..change.clone() };
        self.update(permit, &absent, resource).await.map(|written| written.stored)
    }

    /// Stores the next version of a resource, or its first (FHIR R4 http.html#update).
    ///
    /// # Errors
    /// `Missing` where the permit does not reach the stored version, `Refused` where it does not allow the new one (D-40),
    /// `Stale` where the precondition fails, or ours.
    pub async fn update(
        &self,
        permit: &Permit,
        change: &Change<'_>,
        resource: &Value,
    ) -> Result<Written, RecordsError> {
        transact(&self.database, async |tx| self.update_in(tx, permit, change, resource).await)
            .await
    }

    /// [`Records::update`] within a transaction.
    pub(crate) async fn update_in(
        &self,
        tx: &DatabaseTransaction,
        permit: &Permit,
        change: &Change<'_>,
        resource: &Value,
    ) -> Result<Written, RecordsError> {
        let after = newest(tx).await?;
        // First: a refusal must not depend on what is there.
        let mut new = identified(resource, change);
        permit.stamp(&mut new);
        if !permit.allows_written(&new) {
            return Err(RecordsError::Refused);
        }
        let before = reachable(tx, permit, change).await.map_err(|error| change.hidden(error))?;
        let current = before.as_ref().filter(|(_, stored)| !stored.deleted);
        change.only_if.check(current.map(|(_, stored)| stored.version))?;
        let created = current.is_none();
        let told = before.as_ref().map(|(_, stored)| Before::of(stored)).transpose()?;
        let next = next_version(change, before.as_ref().map(|(_, stored)| stored), after);
        let resource = stamped(new, &next);
        let stored = Stored { body: text(&resource), ..next };
        let number = replace(tx, before, &stored).await?;
        let values = crate::rows::rows_of(&resource);
        index::insert(tx, &[index::Rows { resource: number, kind: change.kind, values }]).await?;
        let code = if created { "create" } else { "update" };
        self.tell(tx, code, (&stored, Some(&resource)), told).await?;
        Ok(Written { stored, created })
    }

    /// Deletes a resource; its history stays (FHIR R4 http.html#delete). Gives the version that is the deletion.
    ///
    /// # Errors
    /// `Missing`, `Stale`, or ours. To delete once more changes nothing and succeeds.
    pub async fn delete(&self, permit: &Permit, change: &Change<'_>) -> Result<u64, RecordsError> {
        transact(&self.database, async |tx| self.delete_in(tx, permit, change).await).await
    }

    /// [`Records::delete`] within a transaction.
    pub(crate) async fn delete_in(
        &self,
        tx: &DatabaseTransaction,
        permit: &Permit,
        change: &Change<'_>,
    ) -> Result<u64, RecordsError> {
        let after = newest(tx).await?;
        let before = reachable(tx, permit, change).await?.ok_or(RecordsError::Missing)?;
        if before.1.deleted {
            return Ok(before.1.version);
        }
        change.only_if.check(Some(before.1.version))?;
        let next = Stored { deleted: true, ..next_version(change, Some(&before.1), after) };
        let told = Before::of(&before.1)?;
        replace(tx, Some(before), &next).await?;
        self.tell(tx, "delete", (&next, None), Some(told)).await?;
        Ok(next.version)
    }
}

/// The current row and version, if there is one. One that the permit does not reach is `Missing` (D-36).
async fn reachable(
    tx: &DatabaseTransaction,
    permit: &Permit,
    change: &Change<'_>,
) -> Result<Option<(i64, Stored)>, RecordsError> {
    let Some(row) = find(tx, change.kind, change.id).await? else { return Ok(None) };
    let number = row.number;
    let stored = Stored::of(row)?;
    if stored.deleted {
        let last = earlier(tx, number, &stored, stored.version.saturating_sub(1)).await?;
        visible(tx, permit, &last).await?;
    } else {
        visible(tx, permit, &stored).await?;
    }
    Ok(Some((number, stored)))
}

/// The version that comes next, dated after the newest export.
fn next_version(change: &Change<'_>, before: Option<&Stored>, export: i64) -> Stored {
    let now = match stored::instant(export.saturating_add(1)) {
        Some(earliest) => change.now.max(earliest),
        None => change.now,
    };
    Stored {
        kind: change.kind.to_owned(),
        id: change.id.to_owned(),
        version: before.map_or(1, |b| b.version + 1),
        // Clocks of two nodes may differ; the versions of one resource still follow one another.
        last_updated: before.map_or(now, |b| now.max(b.last_updated + TICK)),
        body: String::new(),
        deleted: false,
    }
}

/// The resource under its id: a Patient is in the record of the patient with that id.
fn identified(resource: &Value, change: &Change<'_>) -> Value {
    let mut resource = resource.clone();
    if let Value::Object(members) = &mut resource {
        members.insert("id".into(), change.id.into());
    }
    resource
}

/// The resource with the version that it is stored as.
pub(crate) fn stamped(mut resource: Value, next: &Stored) -> Value {
    if let Value::Object(members) = &mut resource {
        let meta = members.entry("meta").or_insert_with(|| Value::Object(Map::new()));
        if !meta.is_object() {
            *meta = json!({});
        }
        if let Value::Object(meta) = meta {
            meta.insert("versionId".into(), next.version.to_string().into());
            meta.insert("lastUpdated".into(), instant(next.last_updated).into());
        }
    }
    resource
}

/// The resource as text, with what says what it is in front.
pub(crate) fn text(resource: &Value) -> String {
    let Value::Object(members) = resource else { return resource.to_string() };
    let (front, rest): (Vec<_>, Vec<_>) =
        members.iter().partition(|(name, _)| FRONT.contains(&name.as_str()));
    let front = FRONT.iter().filter_map(|name| front.iter().find(|(n, _)| n == name));
    let member = |(name, value): &(&String, &Value)| format!("{}:{value}", json!(name));
    let members: Vec<_> = front.map(member).chain(rest.iter().map(member)).collect();
    format!("{{{}}}", members.join(","))
}

fn instant(time: OffsetDateTime) -> String {
    let millisecond = time.millisecond();
    let whole = time.replace_millisecond(millisecond).unwrap_or(time);
    whole.format(&Rfc3339).unwrap_or_default()
}

/// Puts the new version in place of the one that was read, and keeps that one as history.
async fn replace(
    tx: &DatabaseTransaction,
    before: Option<(i64, Stored)>,
    next: &Stored,
) -> Result<i64, RecordsError> {
    let Some((number, before)) = before else { return insert(tx, next).await };
    let changed = resource::Entity::update_many()
        .col_expr(resource::Column::Version, Expr::value(signed(next.version)))
        .col_expr(resource::Column::LastUpdated, Expr::value(millis(next.last_updated)))
        .col_expr(resource::Column::Deleted, Expr::value(next.deleted))
        .col_expr(resource::Column::Body, Expr::value(next.body.as_str()))
        .filter(resource::Column::Number.eq(number))
        // INVARIANT: without this line, of two concurrent updates of one version both would succeed and one be lost.
        .filter(resource::Column::Version.eq(signed(before.version)))
        .exec(tx)
        .await?;
    if changed.rows_affected == 0 {
        return Err(RecordsError::Raced);
    }
    let earlier = version::ActiveModel {
        resource: Set(number),
        version: Set(signed(before.version)),
        last_updated: Set(millis(before.last_updated)),
        deleted: Set(before.deleted),
        body: Set(before.body),
    };
    version::Entity::insert(earlier).exec_without_returning(tx).await?;
    remember_patients(tx, number).await?;
    index::remove(tx, number).await?;
    Ok(number)
}

/// Remembers whom the version was about that is being replaced: its history is looked for there.
async fn remember_patients(tx: &DatabaseTransaction, number: i64) -> Result<(), RecordsError> {
    let mut patients = Query::select();
    patients.distinct().columns(["patient", "resource"]).from(index::PATIENT);
    patients.and_where(sea_orm::sea_query::ExprTrait::eq(Expr::col("resource"), number));
    let mut insert = Query::insert();
    insert.into_table(PAST_PATIENT).columns(["patient", "resource"]);
    insert.on_conflict(OnConflict::columns(["patient", "resource"]).do_nothing().to_owned());
    let insert = insert.select_from(patients).map_err(|e| DbErr::Custom(e.to_string()))?;
    tx.execute(insert).await?;
    Ok(())
}

pub(crate) async fn insert(tx: &DatabaseTransaction, first: &Stored) -> Result<i64, RecordsError> {
    let row = resource::ActiveModel {
        number: NotSet,
        kind: Set(first.kind.clone()),
        id: Set(first.id.clone()),
        version: Set(signed(first.version)),
        last_updated: Set(millis(first.last_updated)),
        deleted: Set(first.deleted),
        body: Set(first.body.clone()),
    };
    // A unique violation means that another request has just made it: the runner decides anew.
    Ok(resource::Entity::insert(row).exec(tx).await?.last_insert_id)
}

fn signed(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}

const FRONT: [&str; 3] = ["resourceType", "id", "meta"];

const TICK: time::Duration = time::Duration::MILLISECOND;
