//! What EHRs prepare: the launch URL of a launch, and styles.

use sea_orm_migration::prelude::*;

use super::columns::{big_integer, create, index, table, text, text_null};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut launches = Table::alter().table("launches").to_owned();
        launches.add_column(text_null("launch_url"));
        manager.alter_table(launches).await?;
        // For the cap on what one EHR may have waiting.
        let of_ehr = index("launches", "ehr", &["issuer", "created_by", "expires_at"]);
        manager.create_index(of_ehr).await?;
        styles(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("styles").to_owned()).await?;
        manager.drop_index(Index::drop().name("launches_ehr").table("launches").to_owned()).await?;
        let launches = Table::alter().table("launches").drop_column("launch_url").to_owned();
        manager.alter_table(launches).await
    }
}

/// Styles by what they hold. They have no expiry: tokens and pages name them, and each EHR may have a few only.
async fn styles(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        text("issuer"),
        text("hash"),
        // Empty for the operator's own: a key holds no nulls.
        text("registered_by"),
        text("body"),
        big_integer("created_at"),
    ];
    let of_ehr = index("styles", "ehr", &["issuer", "registered_by"]);
    create(manager, table("styles", &["issuer", "hash", "registered_by"], columns), [of_ehr]).await
}
