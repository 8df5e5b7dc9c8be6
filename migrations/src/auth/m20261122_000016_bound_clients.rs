//! The group whose members' records are all that a backend's tokens open.

use sea_orm_migration::prelude::*;

use super::columns::text_null;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = text_null("fireward_group");
        manager.alter_table(Table::alter().table("clients").add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let alter = Table::alter().table("clients").drop_column("fireward_group").to_owned();
        manager.alter_table(alter).await
    }
}
