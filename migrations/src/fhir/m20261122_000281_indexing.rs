//! Which version of the index the rows of the search tables are of, and how far they are renewed.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("fhir_indexing")
            // There is one row.
            .col(ColumnDef::new("id").big_integer().not_null().primary_key())
            .col(schema::big_integer("version"))
            // While rows are renewed: the last resource whose rows are.
            .col(schema::big_integer("renewed"))
            .to_owned();
        manager.create_table(table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("fhir_indexing").to_owned()).await
    }
}
