//! Bulk exports: what was asked, how far it is, and which versions of which resources it has found.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        exports(manager).await?;
        export_files(manager).await?;
        snapshot(manager).await?;
        // A type is read from its first number to its last.
        let mut by_number = Index::create().name("fhir_resource_number").to_owned();
        by_number.table("fhir_resource").col("type").col("number");
        manager.create_index(by_number).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name("fhir_resource_number").table("fhir_resource").to_owned();
        manager.drop_index(index).await?;
        for name in ["fhir_snapshot", "fhir_export_file", "fhir_export"] {
            manager.drop_table(Table::drop().table(name).to_owned()).await?;
        }
        Ok(())
    }
}

/// One row an export. Times are milliseconds since 1970.
async fn exports(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("fhir_export")
        .col(ColumnDef::new("number").big_integer().not_null().auto_increment().primary_key())
        .col(schema::text("id"))
        .col(schema::text("client"))
        // What the token of the kick-off allowed.
        .col(schema::text("scope"))
        .col(schema::text_null("bound_to"))
        // What was asked: as a URL for the manifest, and as JSON.
        .col(schema::text("request"))
        .col(schema::text("asked"))
        .col(schema::big_integer("transaction_time"))
        .col(schema::text("state"))
        .col(schema::text_null("fault"))
        // Where to go on: which of the types, after which number.
        .col(schema::big_integer("at_part"))
        .col(schema::big_integer("at_number"))
        .col(schema::big_integer("found"))
        .col(schema::big_integer("tries"))
        .col(schema::text_null("worker"))
        .col(schema::big_integer("leased_until"))
        .col(schema::big_integer("expires_at"))
        .to_owned();
    manager.create_table(table).await?;
    let mut by_id = Index::create().unique().name("fhir_export_id").to_owned();
    manager.create_index(by_id.table("fhir_export").col("id").to_owned()).await?;
    let mut expiring = Index::create().name("fhir_export_expires").to_owned();
    manager.create_index(expiring.table("fhir_export").col("expires_at").to_owned()).await
}

/// A file is a list of versions, which never change: it is written out when it is fetched.
async fn export_files(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("fhir_export_file")
        .col(schema::big_integer("export"))
        .col(schema::big_integer("file"))
        .col(schema::text("list"))
        .col(schema::text("type"))
        .col(schema::big_integer("count"))
        .col(schema::text("content"))
        .primary_key(Index::create().col("export").col("file"))
        .to_owned();
    manager.create_table(table).await
}

/// One row: the moment that the newest export is of. Whatever is written after it is dated later.
async fn snapshot(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("fhir_snapshot")
        .col(ColumnDef::new("id").big_integer().not_null().primary_key())
        .col(schema::big_integer("taken_at"))
        .to_owned();
    manager.create_table(table).await?;
    let mut first = Query::insert();
    first.into_table("fhir_snapshot").columns(["id", "taken_at"]);
    first.values_panic([1_i64.into(), 0_i64.into()]);
    manager.exec_stmt(first).await
}
