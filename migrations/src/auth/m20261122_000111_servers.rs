//! Several FHIR servers under one issuer: what a registration says of each, who people are there, opaque access tokens.

use sea_orm_migration::prelude::*;

use super::columns::{
    big_integer, big_integer_null, create, index, octets, table, text, text_null,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Who somebody is where ids of other namespaces count; none where they are known at home alone.
        add(manager, "users", text_null("links")).await?;
        let servers = [
            text_null("address"),
            big_integer_null("access_token_lifetime"),
            // What the version before wrote is as it was: users' own links count there.
            ColumnDef::new("home").boolean().not_null().default(true).to_owned(),
            text_null("fhir_versions"),
            text_null("associated_endpoints"),
            text("provenance").default("configured").to_owned(),
        ];
        for column in servers {
            add(manager, "resource_servers", column).await?;
        }
        opaque_tokens(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("opaque_tokens").to_owned()).await?;
        drop(manager, "users", "links").await?;
        let servers = [
            "address",
            "access_token_lifetime",
            "home",
            "fhir_versions",
            "associated_endpoints",
            "provenance",
        ];
        for column in servers {
            drop(manager, "resource_servers", column).await?;
        }
        Ok(())
    }
}

/// Access tokens of servers that want them opaque: the digest of each, and what it stands for.
async fn opaque_tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [text("issuer"), octets("digest"), text("claims"), big_integer("expires_at")];
    let forget = index("opaque_tokens", "forget", &["expires_at"]);
    create(manager, table("opaque_tokens", &["issuer", "digest"], columns), [forget]).await
}

async fn add(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: ColumnDef,
) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await
}

async fn drop(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await
}
