//! Loading records in bulk into an empty database.

use std::collections::HashMap;
use std::io::BufRead;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter,
};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::entity::resource;
use crate::error::RecordsError;
use crate::index;
use crate::records::Records;
use crate::rows::rows_of;
use crate::stored::millis;
use crate::transaction::transact;

impl Records {
    /// Loads resources, one to a line, where there is none yet; says how many. They keep their ids and their
    /// `meta.lastUpdated`, and are version 1, which `meta.versionId` must say. `open` may be called again.
    ///
    /// # Errors
    /// `NotUnderstood` with the line that is at fault, or ours; then the database is as it was.
    pub async fn load_seed<R: BufRead>(&self, open: impl Fn() -> R) -> Result<usize, RecordsError> {
        transact(&self.database, async |tx| {
            if resource::Entity::find().count(tx).await? > 0 {
                return Ok(0);
            }
            let loaded = load_lines(tx, open()).await?;
            // Until it knows how many rows there are of what, PostgreSQL plans searches badly.
            index::analyze(tx).await?;
            Ok(loaded)
        })
        .await
    }

    /// Adds of these resources, one to a line, those that never were there, and brings those up to date that are still
    /// as they were loaded; says how many. What somebody has written or deleted since stays as it is.
    ///
    /// # Errors
    /// As [`Self::load_seed`].
    pub async fn top_up(&self, lines: &str) -> Result<usize, RecordsError> {
        let seeds: Result<Vec<_>, _> = lines.lines().map(str::to_owned).map(Seed::read).collect();
        let seeds = seeds.map_err(RecordsError::NotUnderstood)?;
        transact(&self.database, async |tx| add_and_renew(tx, &seeds).await).await
    }
}

async fn add_and_renew(tx: &DatabaseTransaction, seeds: &[Seed]) -> Result<usize, RecordsError> {
    let (mut missing, mut renewed) = (Vec::new(), 0);
    for seed in seeds {
        match seed.find(tx).await? {
            None => missing.push(seed),
            Some(kept) if seed.is_newer_than(&kept) => {
                seed.renew(tx, kept.number).await?;
                renewed += 1;
            }
            Some(_) => {}
        }
    }
    for batch in missing.chunks(BATCH) {
        load(tx, batch).await?;
    }
    Ok(missing.len() + renewed)
}

async fn load_lines(tx: &DatabaseTransaction, lines: impl BufRead) -> Result<usize, RecordsError> {
    let mut batch = Vec::with_capacity(BATCH);
    let mut loaded = 0;
    for line in lines.lines() {
        loaded += 1;
        let fault = |fault| RecordsError::NotUnderstood(format!("line {loaded}: {fault}"));
        let line = line.map_err(|error| fault(error.to_string()))?;
        batch.push(Seed::read(line).map_err(fault)?);
        if batch.len() == BATCH {
            load(tx, &batch.iter().collect::<Vec<_>>()).await?;
            batch.clear();
        }
    }
    load(tx, &batch.iter().collect::<Vec<_>>()).await?;
    Ok(loaded)
}

/// The first version of a resource, as it is written with others.
pub(crate) struct Seed {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) last_updated: i64,
    pub(crate) body: String,
    pub(crate) resource: Value,
}

impl Seed {
    fn read(body: String) -> Result<Self, String> {
        let resource: Value = serde_json::from_str(&body).map_err(|error| error.to_string())?;
        let text = |pointer: &str| {
            let found = resource.pointer(pointer).and_then(Value::as_str);
            found.map(str::to_owned).ok_or_else(|| format!("no {pointer}"))
        };
        if text("/meta/versionId")? != "1" {
            return Err("/meta/versionId is not 1".into());
        }
        let last_updated = OffsetDateTime::parse(&text("/meta/lastUpdated")?, &Rfc3339)
            .map_err(|error| error.to_string())?;
        let (kind, id) = (text("/resourceType")?, text("/id")?);
        Ok(Self { kind, id, last_updated: millis(last_updated), body, resource })
    }

    async fn find(&self, tx: &DatabaseTransaction) -> Result<Option<resource::Model>, DbErr> {
        let named = resource::Column::Kind.eq(self.kind.as_str());
        let named = named.and(resource::Column::Id.eq(self.id.as_str()));
        resource::Entity::find().filter(named).one(tx).await
    }

    /// Whether nobody but the samples has written it, and they said something else.
    fn is_newer_than(&self, kept: &resource::Model) -> bool {
        let untouched =
            kept.version == 1 && !kept.deleted && kept.last_updated == self.last_updated;
        untouched && kept.body != self.body
    }

    async fn renew(&self, tx: &DatabaseTransaction, number: i64) -> Result<(), DbErr> {
        let mut update = Query::update();
        update.table(resource::Entity).value("body", self.body.as_str());
        update.and_where(Expr::col("number").eq(number));
        tx.execute(&update).await?;
        index::remove(tx, number).await?;
        let values = rows_of(&self.resource);
        index::insert(tx, &[index::Rows { resource: number, kind: &self.kind, values }]).await
    }
}

/// Writes resources that are not there yet, no more than [`BATCH`] at a time.
pub(crate) async fn load(tx: &DatabaseTransaction, batch: &[&Seed]) -> Result<(), RecordsError> {
    if batch.is_empty() {
        return Ok(());
    }
    let numbers = insert(tx, batch).await?;
    let mut rows = Vec::with_capacity(batch.len());
    for seed in batch {
        let name = (seed.kind.clone(), seed.id.clone());
        // Every row that was inserted was returned; a missing one is another request's doing.
        let resource = numbers.get(&name).copied().ok_or(RecordsError::Raced)?;
        rows.push(index::Rows { resource, kind: &seed.kind, values: rows_of(&seed.resource) });
    }
    Ok(index::insert(tx, &rows).await?)
}

/// Inserts the resources; gives the number of each type and id.
async fn insert(
    tx: &DatabaseTransaction,
    batch: &[&Seed],
) -> Result<HashMap<(String, String), i64>, RecordsError> {
    let mut insert = Query::insert();
    insert
        .into_table(resource::Entity)
        .columns(["type", "id", "version", "last_updated", "deleted", "body"])
        .returning(Query::returning().columns(["number", "type", "id"]));
    for seed in batch {
        insert.values_panic([
            seed.kind.as_str().into(),
            seed.id.as_str().into(),
            1_i64.into(),
            seed.last_updated.into(),
            false.into(),
            seed.body.as_str().into(),
        ]);
    }
    let mut numbers = HashMap::new();
    for row in tx.query_all(&insert).await? {
        let name = (row.try_get("", "type")?, row.try_get("", "id")?);
        numbers.insert(name, row.try_get("", "number")?);
    }
    Ok(numbers)
}

/// How many resources are written with one statement.
pub(crate) const BATCH: usize = 128;
