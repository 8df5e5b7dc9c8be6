//! How much room each state takes, for what an app may keep to have bounds.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Of the sealed text, as it takes room in the database.
        let octets = schema::big_integer("octets").default(0).to_owned();
        let alter = Table::alter().table("fhir_app_state").add_column(octets).to_owned();
        manager.alter_table(alter).await?;
        let sql = "UPDATE fhir_app_state SET octets = LENGTH(sealed)";
        manager.get_connection().execute_unprepared(sql).await?;
        // With all that is summed up, so that no row is read for it.
        let mut room = Index::create().name(ROOM).to_owned();
        room.table("fhir_app_state").col("system").col("subject").col("octets");
        manager.create_index(room).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name(ROOM).table("fhir_app_state").to_owned();
        manager.drop_index(index).await?;
        let alter = Table::alter().table("fhir_app_state").drop_column("octets").to_owned();
        manager.alter_table(alter).await
    }
}

const ROOM: &str = "fhir_app_state_room";
