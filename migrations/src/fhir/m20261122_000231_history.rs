//! The history of a type and of the whole system: versions by time, and whom earlier versions were about.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Rows of `fhir_patient` that a later version does not have any more. A hint of where to look; nothing is shown
        // because of it alone.
        let table = Table::create()
            .table("fhir_past_patient")
            .col(schema::text("patient"))
            .col(schema::big_integer("resource"))
            .primary_key(Index::create().col("patient").col("resource"))
            .to_owned();
        manager.create_table(table).await?;
        for (name, table) in INDEXES {
            let mut index = Index::create().name(name).table(table).to_owned();
            manager.create_index(index.col("last_updated").to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in INDEXES {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        manager.drop_table(Table::drop().table("fhir_past_patient").to_owned()).await
    }
}

const INDEXES: [(&str, &str); 2] =
    [("fhir_version_updated", "fhir_version"), ("fhir_resource_moment", "fhir_resource")];
