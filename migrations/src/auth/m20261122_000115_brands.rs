//! The user-access brands that an issuer publishes.

use sea_orm_migration::prelude::*;

use super::columns::{big_integer, create, drop_all, table, text, text_null};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            text("issuer"),
            // To the letter as it is published; its tag is of this text.
            text("bundle"),
            text("tag"),
            // The primary brand's identifier, as system|value: as its publisher said it, and as it was found.
            text_null("named"),
            text_null("primary_brand"),
            big_integer("updated_at"),
        ];
        create(manager, table("brands", &["issuer"], columns), []).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["brands"]).await
    }
}
