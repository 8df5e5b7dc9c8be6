//! The files of an export, and the versions that they list.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter};
use sea_orm::{FromQueryResult, QueryOrder, QuerySelect};

use super::entity::file::{Column, Entity, Model};
use super::{Exports, Item, rows};
use crate::entity::{resource, version};
use crate::error::RecordsError;
use crate::stored::Stored;

/// In which list of the manifest a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// Resources.
    Output,
    /// Deletions.
    Deleted,
    /// What else is to be said.
    Error,
}

/// A file, without what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportFile {
    /// Its number within the export.
    pub number: i64,
    /// The list that it is in.
    pub list: List,
    /// The type of the resources; of a deletion, the type that was deleted.
    pub kind: String,
    /// How many lines it has.
    pub count: u64,
}

impl List {
    const VARIANTS: [Self; 3] = [Self::Output, Self::Deleted, Self::Error];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Output => "output",
            Self::Deleted => "deleted",
            Self::Error => "error",
        }
    }
}

#[derive(FromQueryResult)]
struct Head {
    file: i64,
    list: String,
    kind: String,
    count: i64,
}

impl Exports<'_> {
    /// The files that there are by now.
    ///
    /// # Errors
    /// Ours.
    pub async fn files(&self, job: i64) -> Result<Vec<ExportFile>, RecordsError> {
        let heads = Entity::find().filter(Column::Export.eq(job)).select_only();
        let heads = heads.columns([Column::File, Column::List, Column::Count]);
        let heads = heads.column_as(Column::Kind, "kind").order_by_asc(Column::File);
        let heads = heads.into_model::<Head>().all(&self.0.database).await?;
        heads.into_iter().map(|head| file(job, head)).collect()
    }

    /// One file with what it lists; of an [`List::Error`], its text.
    ///
    /// # Errors
    /// Ours.
    pub async fn file(
        &self,
        job: i64,
        number: i64,
    ) -> Result<Option<(ExportFile, Content)>, RecordsError> {
        let row = Entity::find_by_id((job, number)).one(&self.0.database).await?;
        let Some(Model { file: number, list, kind, count, content, .. }) = row else {
            return Ok(None);
        };
        let file = file(job, Head { file: number, list, kind, count })?;
        if file.list == List::Error {
            return Ok(Some((file, Content::Text(content))));
        }
        let items = rows::read(&content).ok_or_else(|| corrupt(job, "no list of versions"))?;
        Ok(Some((file, Content::Versions(items))))
    }

    /// The versions, in this order. To be asked for a few at a time.
    ///
    /// # Errors
    /// Ours.
    pub async fn versions(&self, items: &[Item]) -> Result<Vec<Stored>, RecordsError> {
        let numbers = items.iter().map(|item| item.number);
        let current = resource::Entity::find().filter(resource::Column::Number.is_in(numbers));
        let current = current.all(&self.0.database).await?;
        let mut current: HashMap<_, _> = current.into_iter().map(|row| (row.number, row)).collect();
        let mut versions = Vec::with_capacity(items.len());
        for item in items {
            let row = current.remove(&item.number);
            let row = row.ok_or_else(|| corrupt(item.number, "a resource is not there"))?;
            if row.version == item.version {
                versions.push(Stored::of(row)?);
                continue;
            }
            let earlier = version::Entity::find_by_id((item.number, item.version));
            let earlier = earlier.one(&self.0.database).await?;
            let earlier = earlier.ok_or_else(|| corrupt(item.number, "a version is not there"))?;
            versions.push(Stored::of_version(row.kind, row.id, earlier)?);
        }
        Ok(versions)
    }
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Versions of resources.
    Versions(Vec<Item>),
    /// Lines.
    Text(String),
}

pub(super) async fn add(
    tx: &DatabaseTransaction,
    export: i64,
    (list, kind): (List, &str),
    (content, count): (String, usize),
) -> Result<(), RecordsError> {
    let there = Entity::find().filter(Column::Export.eq(export)).count(tx).await?;
    let row = Model {
        export,
        file: i64::try_from(there).unwrap_or(i64::MAX).saturating_add(1),
        list: list.as_str().to_owned(),
        kind: kind.to_owned(),
        count: i64::try_from(count).unwrap_or(i64::MAX),
        content,
    };
    Entity::insert(super::entity::file::ActiveModel::from(row)).exec_without_returning(tx).await?;
    Ok(())
}

pub(super) async fn remove(tx: &DatabaseTransaction, of: &[i64]) -> Result<(), RecordsError> {
    let rows = Entity::delete_many().filter(Column::Export.is_in(of.iter().copied()));
    rows.exec(tx).await?;
    Ok(())
}

fn file(job: i64, head: Head) -> Result<ExportFile, RecordsError> {
    let list = List::VARIANTS.into_iter().find(|list| list.as_str() == head.list);
    Ok(ExportFile {
        number: head.file,
        list: list.ok_or_else(|| corrupt(job, "no such list"))?,
        kind: head.kind,
        count: u64::try_from(head.count).unwrap_or_default(),
    })
}

fn corrupt(row: i64, fault: &str) -> RecordsError {
    RecordsError::Corrupt { table: "fhir_export_file", row, fault: fault.to_owned() }
}
