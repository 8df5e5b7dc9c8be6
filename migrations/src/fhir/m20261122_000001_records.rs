//! Resources, earlier versions, and one index table for each kind of search value.
//!
//! Index rows refer to a resource by its number, not by type and id: they are nine tenths of all rows. Every index leads
//! with what an equality pins down and ends with the number of the resource, so that a search reads the index alone.

use sea_orm_migration::{prelude::*, schema, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        resources(manager).await?;
        versions(manager).await?;
        patients(manager).await?;
        for table in index_tables() {
            table.create(manager).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in index_tables() {
            manager.drop_table(Table::drop().table(table.name).to_owned()).await?;
        }
        for name in ["fhir_patient", "fhir_version", "fhir_resource"] {
            manager.drop_table(Table::drop().table(name).to_owned()).await?;
        }
        Ok(())
    }
}

/// The current version of every resource. A deleted one stays, with an empty body, so that a read answers 410.
async fn resources(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("fhir_resource")
        .col(ColumnDef::new("number").big_integer().not_null().auto_increment().primary_key())
        .col(schema::text("type"))
        .col(schema::text("id"))
        .col(schema::big_integer("version"))
        .col(schema::big_integer("last_updated"))
        .col(schema::boolean("deleted"))
        .col(schema::text("body"))
        .to_owned();
    manager.create_table(table).await?;
    let mut unique = Index::create().unique().name("fhir_resource_id").to_owned();
    manager.create_index(unique.table("fhir_resource").col("type").col("id").to_owned()).await?;
    let mut updated = Index::create().name("fhir_resource_updated").to_owned();
    updated.table("fhir_resource").col("type").col("last_updated");
    manager.create_index(updated).await
}

/// Earlier versions, moved here when a newer one takes their place.
async fn versions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("fhir_version")
        .col(schema::big_integer("resource"))
        .col(schema::big_integer("version"))
        .col(schema::big_integer("last_updated"))
        .col(schema::boolean("deleted"))
        .col(schema::text("body"))
        .primary_key(Index::create().col("resource").col("version"))
        .to_owned();
    manager.create_table(table).await
}

/// Which patients a resource is about: the compartment that a `patient/` scope sees.
async fn patients(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("fhir_patient")
        .col(schema::text("patient"))
        .col(schema::text("type"))
        .col(schema::big_integer("resource"))
        .primary_key(Index::create().col("patient").col("type").col("resource"))
        .to_owned();
    manager.create_table(table).await?;
    let mut by_resource = Index::create().name("fhir_patient_resource").to_owned();
    manager.create_index(by_resource.table("fhir_patient").col("resource").to_owned()).await
}

/// A table of search values: the resource, its type, the parameter's name, and columns of its kind.
struct IndexTable {
    name: &'static str,
    columns: Vec<ColumnDef>,
    key: &'static [&'static str],
}

impl IndexTable {
    async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let mut table = Table::create().table(self.name).to_owned();
        table.col(schema::big_integer("resource")).col(schema::text("type"));
        table.col(schema::text("param"));
        for mut column in self.columns {
            // The start of a text is found as a range of bytes; SQLite compares by bytes anyway.
            let folded = column.get_column_name() == "folded";
            if folded && manager.get_database_backend() == DbBackend::Postgres {
                column.extra("COLLATE \"C\"");
            }
            table.col(column);
        }
        manager.create_table(table).await?;
        let mut index =
            Index::create().name(format!("{}_value", self.name)).table(self.name).to_owned();
        index.col("type").col("param");
        for column in self.key {
            index.col(*column);
        }
        manager.create_index(index.col("resource").to_owned()).await?;
        // What a resource is sorted by, what it refers to, and what to remove when it changes.
        let mut index = Index::create().name(format!("{}_resource", self.name)).to_owned();
        index.table(self.name).col("resource").col("param");
        manager.create_index(index).await
    }
}

fn index_tables() -> [IndexTable; 6] {
    [
        IndexTable {
            name: "fhir_token",
            columns: vec![schema::text("system"), schema::text("code")],
            key: &["code", "system"],
        },
        IndexTable {
            name: "fhir_string",
            columns: vec![schema::text("folded"), schema::text("exact")],
            key: &["folded"],
        },
        IndexTable { name: "fhir_uri", columns: vec![schema::text("value")], key: &["value"] },
        // Milliseconds since 1970, both ends included: `2024` is a whole year.
        IndexTable {
            name: "fhir_date",
            columns: vec![schema::big_integer("low"), schema::big_integer("high")],
            key: &["low", "high"],
        },
        IndexTable {
            name: "fhir_reference",
            columns: vec![schema::text("target_type"), schema::text("target")],
            key: &["target", "target_type"],
        },
        IndexTable {
            name: "fhir_quantity",
            columns: vec![schema::double("value"), schema::text("system"), schema::text("code")],
            key: &["code", "value"],
        },
    ]
}
