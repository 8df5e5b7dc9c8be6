//! The outbox of the audit trail: events that are durable already, and have yet to be delivered.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outbox = Table::create()
            .table("fhir_audit_outbox")
            .col(ColumnDef::new("number").big_integer().not_null().auto_increment().primary_key())
            .col(schema::text_uniq("id"))
            // Milliseconds since 1970.
            .col(schema::big_integer("recorded"))
            .col(schema::text("body"))
            .to_owned();
        manager.create_table(outbox).await?;
        // One row: what has come of the deliveries.
        let delivery = Table::create()
            .table("fhir_audit_delivery")
            .col(ColumnDef::new("id").big_integer().not_null().primary_key())
            .col(schema::big_integer("delivered").default(0))
            .col(schema::text_null("last_id"))
            .col(schema::big_integer("last_at").default(0))
            .col(schema::big_integer("failures").default(0))
            .col(schema::text_null("fault"))
            .to_owned();
        manager.create_table(delivery).await?;
        let first = "INSERT INTO fhir_audit_delivery (id) VALUES (1)";
        manager.get_connection().execute_unprepared(first).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["fhir_audit_delivery", "fhir_audit_outbox"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
