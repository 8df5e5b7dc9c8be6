//! Whether there is room for a state: bounds on what one code, one subject and one app may keep (AS-6).

use fireward_fhir::app_state::{
    Key, MOST_OCTETS_OF_SUBJECT, MOST_OCTETS_OF_SYSTEM, MOST_STATES, MOST_STATES_OF_SUBJECT,
    MOST_STATES_OF_SYSTEM,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait as _,
    ExprTrait as _, PaginatorTrait as _, QueryFilter as _, QuerySelect as _, Select, Value,
    sea_query::{Expr, Func, Query},
};

use super::{
    Unchanged,
    entity::{Column, Entity, Model},
    of_key,
};
use crate::error::RecordsError;

/// What is kept already.
struct Kept {
    states: u64,
    octets: u64,
}

/// Whether a new state may be kept.
pub(super) async fn for_new(
    tx: &DatabaseTransaction,
    (key, row): (&Key, &Model),
) -> Result<Result<(), Unchanged>, RecordsError> {
    one_at_a_time(tx, &row.system).await?;
    if of_key(key).count(tx).await? >= MOST_STATES {
        return Ok(Err(Unchanged::TooMany));
    }
    within(tx, row, Kept { states: 1, octets: octets(row) }).await
}

/// Whether a state may take the place of another: always, if it takes no more room.
pub(super) async fn for_next(
    tx: &DatabaseTransaction,
    (before, row): (&Model, &Model),
) -> Result<Result<(), Unchanged>, RecordsError> {
    let grows = octets(row).saturating_sub(octets(before));
    if grows == 0 {
        return Ok(Ok(()));
    }
    one_at_a_time(tx, &row.system).await?;
    within(tx, row, Kept { states: 0, octets: grows }).await
}

/// Whether `more` fits beside what the app keeps for the subject, and in all.
async fn within(
    tx: &DatabaseTransaction,
    row: &Model,
    more: Kept,
) -> Result<Result<(), Unchanged>, RecordsError> {
    let fits = |kept: &Kept, most: (u64, u64)| {
        kept.states + more.states <= most.0 && kept.octets + more.octets <= most.1
    };
    let of_system = || Entity::find().filter(Column::System.eq(row.system.as_str()));
    let of_subject = of_system().filter(Column::Subject.eq(row.subject.as_str()));
    if !fits(&kept(tx, of_subject).await?, (MOST_STATES_OF_SUBJECT, MOST_OCTETS_OF_SUBJECT)) {
        return Ok(Err(Unchanged::SubjectFull));
    }
    if !fits(&kept(tx, of_system()).await?, (MOST_STATES_OF_SYSTEM, MOST_OCTETS_OF_SYSTEM)) {
        return Ok(Err(Unchanged::SystemFull));
    }
    Ok(Ok(()))
}

async fn kept(tx: &DatabaseTransaction, of: Select<Entity>) -> Result<Kept, RecordsError> {
    // A sum of integers is a decimal to PostgreSQL.
    let sum = Expr::col(Column::Octets).sum().cast_as("bigint");
    let counted = of.select_only().column_as(Column::Octets.count(), "states");
    let counted = counted.column_as(sum, "octets").into_tuple::<(i64, Option<i64>)>();
    let (states, octets) = counted.one(tx).await?.unwrap_or_default();
    let whole = |number: i64| u64::try_from(number).unwrap_or_default();
    Ok(Kept { states: whole(states), octets: whole(octets.unwrap_or_default()) })
}

/// Makes writers of one app wait for each other, as all of SQLite's do: what is counted must not grow meanwhile.
async fn one_at_a_time(tx: &DatabaseTransaction, system: &str) -> Result<(), RecordsError> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let name = Func::cust("hashtext").arg(Value::from(system));
        let lock = Func::cust("pg_advisory_xact_lock").arg(Value::from(LOCKS)).arg(name);
        tx.query_one(&Query::select().expr(lock).to_owned()).await?;
    }
    Ok(())
}

fn octets(row: &Model) -> u64 {
    u64::try_from(row.octets).unwrap_or_default()
}

/// Names the advisory locks of apps; any number that no one else uses.
const LOCKS: i32 = 0x4170_7053;
