//! What was picked for an authorization beside the patient, and what people allowed, remembered for each record.

use sea_orm_migration::prelude::*;

use super::columns::{big_integer, create, drop_all, index, table, text, text_null};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // In the place of `encounter`, which the version before still reads.
        let picks =
            Table::alter().table("authorizations").add_column(text_null("picks")).to_owned();
        manager.alter_table(picks).await?;
        record_consents(manager).await?;
        move_consents(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["record_consents"]).await?;
        let picks = Table::alter().table("authorizations").drop_column("picks").to_owned();
        manager.alter_table(picks).await
    }
}

async fn record_consents(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        text("issuer"),
        text("user_id"),
        text("client"),
        // Empty for plain sign-in, and for scopes that are about no patient: a key holds no nulls.
        text("resource_server"),
        text("patient"),
        text("asked"),
        text("granted"),
        big_integer("until"),
        big_integer("given_at"),
    ];
    let key = ["issuer", "user_id", "client", "resource_server", "patient"];
    let forget = index("record_consents", "forget", &["until"]);
    create(manager, table("record_consents", &key, columns), [forget]).await
}

/// From `consents`, which held one record only, and which the version before still reads: it asks people once more.
async fn move_consents(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let shared =
        ["issuer", "user_id", "client", "resource_server", "asked", "granted", "until", "given_at"];
    let mut old = Query::select();
    old.columns(shared).from("consents");
    old.expr(Func::coalesce([Expr::col("patient"), Expr::val("")]));
    let mut copy = Query::insert();
    copy.into_table("record_consents").columns(shared.into_iter().chain(["patient"]));
    copy.select_from(old).map_err(|fault| DbErr::Migration(fault.to_string()))?;
    manager.execute(copy).await?;
    manager.execute(Query::delete().from_table("consents").to_owned()).await
}
