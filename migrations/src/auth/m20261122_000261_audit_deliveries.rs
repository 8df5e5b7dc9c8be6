//! How far each node's chain of the audit log was delivered as `AuditEvent`s. The log itself is the outbox.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("audit_deliveries")
            .col(schema::text("node").primary_key())
            // The place in the chain of the last entry that was delivered.
            .col(schema::big_integer("seq"))
            .col(schema::big_integer("at"))
            // Attempts in a row that failed since, and why the last one did.
            .col(schema::big_integer("failures").default(0))
            .col(schema::text_null("fault"))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("audit_deliveries").to_owned()).await
    }
}
