//! The state that apps keep (SMART App Launch 2.2 app-state). What is in it is sealed; whose it is, is not.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("fhir_app_state")
            .col(schema::text("id").primary_key())
            .col(schema::text("system"))
            .col(schema::text("code"))
            // As `Patient/1`; empty where it is nobody's.
            .col(schema::text("subject"))
            .col(schema::big_integer("version"))
            .col(schema::big_integer("last_updated"))
            .col(ColumnDef::new("sealed").blob().not_null())
            .to_owned();
        manager.create_table(table).await?;
        let mut by_key = Index::create().name("fhir_app_state_key").to_owned();
        by_key.table("fhir_app_state").col("system").col("code").col("subject");
        manager.create_index(by_key).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("fhir_app_state").to_owned()).await
    }
}
