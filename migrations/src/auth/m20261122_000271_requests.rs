//! How authorization requests come and are answered: pushed, as signed objects, in other modes than the query.

use sea_orm_migration::prelude::*;

use super::columns::{octets_null, text_null};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

const FLAGS: [&str; 2] = ["require_request_object", "require_pushed"];
const ALGORITHMS: [&str; 2] = ["authorization_alg", "request_object_alg"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ALGORITHMS {
            add(manager, "clients", text_null(name)).await?;
        }
        for name in FLAGS {
            let mut flag = ColumnDef::new(name);
            flag.boolean().not_null().default(false);
            add(manager, "clients", flag).await?;
        }
        add(manager, "authorizations", text_null("response_mode")).await?;
        add(manager, "authorizations", octets_null("pushed")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ALGORITHMS.into_iter().chain(FLAGS) {
            remove(manager, "clients", name).await?;
        }
        remove(manager, "authorizations", "response_mode").await?;
        remove(manager, "authorizations", "pushed").await
    }
}

/// One column a statement: SQLite takes no more.
async fn add(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: ColumnDef,
) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await
}

async fn remove(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &'static str,
) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await
}
