//! The life of an export: accepted, worked on by one worker at a time, done or failed, forgotten.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::NotSet, ActiveValue::Set, ColumnTrait, DatabaseTransaction};
use sea_orm::{EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, UpdateMany};
use time::OffsetDateTime;

use super::entity::export::{ActiveModel, Column, Entity};
use super::rows::{COMPLETE, FAILED, RUNNING, job};
use super::{Exports, Job, Place, files, snapshot};
use crate::error::RecordsError;
use crate::exports::List;
use crate::stored::millis;
use crate::transaction::transact;

/// A kick-off that was understood and allowed.
#[derive(Debug, Clone)]
pub struct NewExport<'a> {
    /// As in [`Job`].
    pub id: &'a str,
    /// As in [`Job`].
    pub client: &'a str,
    /// As in [`Job`].
    pub scope: &'a str,
    /// As in [`Job`].
    pub bound_to: Option<&'a str>,
    /// As in [`Job`].
    pub request: &'a str,
    /// As in [`Job`].
    pub asked: &'a str,
    /// What the asker must be told beside the files: an `OperationOutcome` a line.
    pub told: &'a [String],
    /// The time.
    pub now: OffsetDateTime,
    /// When it is forgotten.
    pub expires_at: OffsetDateTime,
}

/// How many exports a client may have.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// That are being worked on.
    pub running: u64,
    /// In all, until they expire or are deleted.
    pub kept: u64,
}

impl Exports<'_> {
    /// Accepts an export, and takes the moment that it is of; none where the client has as many as it may.
    ///
    /// # Errors
    /// Ours.
    pub async fn start(
        &self,
        new: &NewExport<'_>,
        limits: Limits,
    ) -> Result<Option<Job>, RecordsError> {
        transact(&self.0.database, async |tx| {
            // First: of two kick-offs at once the second waits here, and counts the first.
            let taken_at = snapshot::take(tx, millis(new.now)).await?;
            let of_client = Entity::find().filter(Column::Client.eq(new.client));
            let kept = of_client.clone().count(tx).await?;
            let running = of_client.filter(Column::State.eq(RUNNING)).count(tx).await?;
            if running >= limits.running || kept >= limits.kept {
                return Ok(None);
            }
            let row = ActiveModel {
                number: NotSet,
                id: Set(new.id.to_owned()),
                client: Set(new.client.to_owned()),
                scope: Set(new.scope.to_owned()),
                bound_to: Set(new.bound_to.map(str::to_owned)),
                request: Set(new.request.to_owned()),
                asked: Set(new.asked.to_owned()),
                transaction_time: Set(taken_at),
                state: Set(RUNNING.to_owned()),
                fault: Set(None),
                at_part: Set(0),
                at_number: Set(0),
                found: Set(0),
                tries: Set(0),
                worker: Set(None),
                leased_until: Set(0),
                expires_at: Set(millis(new.expires_at)),
            };
            let number = Entity::insert(row).exec(tx).await?.last_insert_id;
            if !new.told.is_empty() {
                let content = (new.told.join("\n"), new.told.len());
                files::add(tx, number, (List::Error, "OperationOutcome"), content).await?;
            }
            let row = Entity::find_by_id(number).one(tx).await?.ok_or(RecordsError::Raced)?;
            job(row).map(Some)
        })
        .await
    }

    /// Whether there is a group with this id.
    ///
    /// # Errors
    /// Ours.
    pub async fn has_group(&self, id: &str) -> Result<bool, RecordsError> {
        let found = crate::read::find(&self.0.database, "Group", id).await?;
        Ok(found.is_some_and(|group| !group.deleted))
    }

    /// The export of that name, if the client has one.
    ///
    /// # Errors
    /// Ours.
    pub async fn find(&self, client: &str, id: &str) -> Result<Option<Job>, RecordsError> {
        let row = Entity::find().filter(Column::Id.eq(id)).filter(Column::Client.eq(client));
        row.one(&self.0.database).await?.map(job).transpose()
    }

    /// Takes an export that nobody works on, until `until`. One that was taken too often without getting any
    /// further has failed.
    ///
    /// # Errors
    /// Ours.
    pub async fn take(
        &self,
        worker: &str,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Option<Job>, RecordsError> {
        transact(&self.0.database, async |tx| {
            give_up(tx, now).await?;
            let free = Entity::find()
                .filter(Column::State.eq(RUNNING))
                .filter(Column::LeasedUntil.lt(millis(now)))
                .order_by_asc(Column::Number);
            let Some(row) = free.one(tx).await? else { return Ok(None) };
            let taken = one(row.number)
                // The gate: of two that find it free, one moves the lease on.
                .filter(Column::LeasedUntil.eq(row.leased_until))
                .col_expr(Column::Worker, Expr::value(worker))
                .col_expr(Column::LeasedUntil, Expr::value(millis(until)))
                .col_expr(Column::Tries, Expr::col(Column::Tries).add(1));
            if taken.exec(tx).await?.rows_affected == 0 {
                return Err(RecordsError::Raced);
            }
            job(row).map(Some)
        })
        .await
    }

    /// Keeps a list that is full or at its end, and where to go on; none where it is not the worker's any more.
    ///
    /// # Errors
    /// Ours.
    pub async fn keep(
        &self,
        (job, worker): (i64, &str),
        lists: &[(List, &str, &[super::Item])],
        (place, found): (Place, u64),
        until: OffsetDateTime,
    ) -> Result<Option<()>, RecordsError> {
        transact(&self.0.database, async |tx| {
            let part = i64::try_from(place.part).unwrap_or(i64::MAX);
            let on = mine(job, worker)
                .col_expr(Column::AtPart, Expr::value(part))
                .col_expr(Column::AtNumber, Expr::value(place.after))
                .col_expr(Column::Found, Expr::value(i64::try_from(found).unwrap_or(i64::MAX)))
                .col_expr(Column::Tries, Expr::value(0))
                .col_expr(Column::LeasedUntil, Expr::value(millis(until)));
            if on.exec(tx).await?.rows_affected == 0 {
                return Ok(None);
            }
            for (list, kind, items) in lists.iter().filter(|(_, _, items)| !items.is_empty()) {
                let content = (super::rows::write(items), items.len());
                files::add(tx, job, (*list, *kind), content).await?;
            }
            Ok(Some(()))
        })
        .await
    }

    /// Says how far the work is and keeps it for longer; none where it is not the worker's any more.
    ///
    /// # Errors
    /// Ours.
    pub async fn renew(
        &self,
        (job, worker): (i64, &str),
        found: u64,
        until: OffsetDateTime,
    ) -> Result<Option<()>, RecordsError> {
        transact(&self.0.database, async |tx| {
            let on = mine(job, worker)
                .col_expr(Column::Found, Expr::value(i64::try_from(found).unwrap_or(i64::MAX)))
                .col_expr(Column::LeasedUntil, Expr::value(millis(until)));
            Ok((on.exec(tx).await?.rows_affected > 0).then_some(()))
        })
        .await
    }

    /// Ends the work on an export: it is done, or has failed for a reason.
    ///
    /// # Errors
    /// Ours.
    pub async fn finish(
        &self,
        (job, worker): (i64, &str),
        fault: Option<&str>,
    ) -> Result<(), RecordsError> {
        transact(&self.0.database, async |tx| {
            let state = if fault.is_some() { FAILED } else { COMPLETE };
            end(mine(job, worker), state, fault).exec(tx).await?;
            Ok(())
        })
        .await
    }

    /// Forgets an export of the client; whether there was one. Who works on it finds that it is gone.
    ///
    /// # Errors
    /// Ours.
    pub async fn remove(&self, client: &str, id: &str) -> Result<bool, RecordsError> {
        transact(&self.0.database, async |tx| {
            let of_client =
                Entity::find().filter(Column::Id.eq(id)).filter(Column::Client.eq(client));
            let Some(row) = of_client.one(tx).await? else { return Ok(false) };
            forget(tx, &[row.number]).await?;
            Ok(true)
        })
        .await
    }

    /// Forgets the exports that have expired, and says how many: "sweep fhir exports".
    ///
    /// # Errors
    /// Ours.
    pub async fn sweep(&self, now: OffsetDateTime) -> Result<usize, RecordsError> {
        transact(&self.0.database, async |tx| {
            let expired = Entity::find().filter(Column::ExpiresAt.lte(millis(now))).all(tx).await?;
            let numbers: Vec<_> = expired.iter().map(|row| row.number).collect();
            forget(tx, &numbers).await?;
            Ok(numbers.len())
        })
        .await
    }
}

/// Those that nobody works on, and that were begun too often already, have failed.
async fn give_up(tx: &DatabaseTransaction, now: OffsetDateTime) -> Result<(), RecordsError> {
    let hopeless = Entity::update_many()
        .filter(Column::State.eq(RUNNING))
        .filter(Column::LeasedUntil.lt(millis(now)))
        .filter(Column::Tries.gte(MOST_TRIES));
    let fault = "it was begun several times and got no further";
    end(hopeless, FAILED, Some(fault)).exec(tx).await?;
    Ok(())
}

fn one(number: i64) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::Number.eq(number)).filter(Column::State.eq(RUNNING))
}

fn mine(number: i64, worker: &str) -> UpdateMany<Entity> {
    one(number).filter(Column::Worker.eq(worker))
}

fn end(which: UpdateMany<Entity>, state: &str, fault: Option<&str>) -> UpdateMany<Entity> {
    let fault = fault.map(str::to_owned);
    which.col_expr(Column::State, Expr::value(state)).col_expr(Column::Fault, Expr::value(fault))
}

async fn forget(tx: &DatabaseTransaction, numbers: &[i64]) -> Result<(), RecordsError> {
    if !numbers.is_empty() {
        files::remove(tx, numbers).await?;
        let rows = Entity::delete_many().filter(Column::Number.is_in(numbers.iter().copied()));
        rows.exec(tx).await?;
    }
    Ok(())
}

/// How often an export may be begun anew without getting any further.
const MOST_TRIES: i64 = 5;
