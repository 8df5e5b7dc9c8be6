//! Whether a FHIR server's `RelatedPerson`s open records.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What the version before wrote is as it was: nobody said so.
        let column =
            ColumnDef::new("related_persons").boolean().not_null().default(false).to_owned();
        let alter = Table::alter().table("resource_servers").add_column(column).to_owned();
        manager.alter_table(alter).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let alter =
            Table::alter().table("resource_servers").drop_column("related_persons").to_owned();
        manager.alter_table(alter).await
    }
}
