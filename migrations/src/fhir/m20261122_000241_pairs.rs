//! Two values that stand together (`code-value-quantity`), an order to walk each type in, what links to further pages are
//! signed with, and indexes that say all that is asked of one resource without a look at its rows.

use sea_orm_migration::{prelude::*, schema, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        pairs(manager).await?;
        let secret = Table::create()
            .table("fhir_secret")
            .col(ColumnDef::new("name").text().not_null().primary_key())
            .col(schema::text("value"))
            .to_owned();
        manager.create_table(secret).await?;
        for (name, table, columns) in INDEXES {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        for (name, table, _) in REPLACED {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table, columns) in REPLACED {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        for (name, table, _) in INDEXES {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        manager.drop_table(Table::drop().table("fhir_secret").to_owned()).await?;
        manager.drop_table(Table::drop().table("fhir_pair").to_owned()).await
    }
}

async fn pairs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut other = schema::text("other");
    // The start of a text is found as a range of bytes; SQLite compares by bytes anyway.
    if manager.get_database_backend() == DbBackend::Postgres {
        other.extra("COLLATE \"C\"");
    }
    let table = Table::create()
        .table("fhir_pair")
        .col(schema::big_integer("resource"))
        .col(schema::text("type"))
        .col(schema::text("param"))
        .col(schema::text("system"))
        .col(schema::text("code"))
        .col(schema::text("other_system"))
        .col(other)
        .col(schema::double("number"))
        .col(schema::big_integer("low"))
        .col(schema::big_integer("high"))
        .to_owned();
    manager.create_table(table).await?;
    let mut value = Index::create().name("fhir_pair_value").table("fhir_pair").to_owned();
    for column in ["type", "param", "code", "number", "other", "resource"] {
        value.col(column);
    }
    manager.create_index(value).await
}

type Named = (&'static str, &'static str, &'static [&'static str]);

/// What one resource is checked by, and removed by.
const INDEXES: [Named; 6] = [
    ("fhir_resource_walk", "fhir_resource", &["type", "deleted", "number"]),
    ("fhir_pair_resource", "fhir_pair", &["resource", "param", "code"]),
    ("fhir_token_of", "fhir_token", &["resource", "param", "code", "system"]),
    ("fhir_date_of", "fhir_date", &["resource", "param", "low", "high"]),
    ("fhir_reference_of", "fhir_reference", &["resource", "param", "target_type", "target"]),
    ("fhir_quantity_of", "fhir_quantity", &["resource", "param", "value", "code"]),
];

/// Indexes whose work those above do.
const REPLACED: [Named; 4] = [
    ("fhir_token_resource", "fhir_token", &["resource", "param"]),
    ("fhir_date_resource", "fhir_date", &["resource", "param"]),
    ("fhir_reference_resource", "fhir_reference", &["resource", "param"]),
    ("fhir_quantity_resource", "fhir_quantity", &["resource", "param"]),
];
