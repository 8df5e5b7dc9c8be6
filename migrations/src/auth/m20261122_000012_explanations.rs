//! Explanations of refusals, for those who have their link.

use sea_orm_migration::prelude::*;

use super::columns::{big_integer, create, drop_all, index, table, text, text_null};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            text("issuer"),
            text("id"),
            text("code"),
            text("description"),
            text_null("client"),
            text("request"),
            text("facts"),
            big_integer("at"),
            big_integer("expires_at"),
        ];
        let forget = index("explanations", "forget", &["expires_at"]);
        create(manager, table("explanations", &["issuer", "id"], columns), [forget]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["explanations"]).await
    }
}
