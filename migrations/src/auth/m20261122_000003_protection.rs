//! What protects and what remembers: replay, throttling, revoked tokens, the audit log, chores.

use sea_orm_migration::prelude::*;

use super::columns::{
    big_integer, big_integer_null, create, drop_all, index, octets, octets_null, table, text,
    text_null, unique,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        assertions(manager).await?;
        failures(manager).await?;
        revoked_tokens(manager).await?;
        audit(manager).await?;
        chores(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = ["chores", "audit", "revoked_tokens", "failures", "assertions"];
        drop_all(manager, &tables).await
    }
}

/// `jti` of client assertions that were used.
async fn assertions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [text("issuer"), text("client"), octets("jti"), big_integer("until")];
    let forget = index("assertions", "forget", &["until"]);
    create(manager, table("assertions", &["issuer", "client", "jti"], columns), [forget]).await
}

/// Failed attempts within a window, by account and by client.
async fn failures(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        text("issuer"),
        text("kind"),
        // A digest: people type passwords into the field for names.
        octets("key"),
        big_integer("count"),
        big_integer("until"),
    ];
    let forget = index("failures", "forget", &["until"]);
    create(manager, table("failures", &["issuer", "kind", "key"], columns), [forget]).await
}

/// Access tokens that were revoked before they expired.
async fn revoked_tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [text("issuer"), text("jti"), big_integer("until")];
    let forget = index("revoked_tokens", "forget", &["until"]);
    create(manager, table("revoked_tokens", &["issuer", "jti"], columns), [forget]).await
}

/// The audit log. Each node chains its own entries: `seq` and `prev_digest` are set within a second of writing.
async fn audit(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        ColumnDef::new("id").big_integer().not_null().auto_increment().primary_key().to_owned(),
        text("node"),
        big_integer_null("seq"),
        octets_null("prev_digest"),
        text("issuer"),
        big_integer("at"),
        text_null("request"),
        text("actor_kind"),
        text("actor"),
        text_null("client"),
        text_null("subject"),
        text_null("patient"),
        text_null("grant_id"),
        text("kind"),
        text("detail"),
    ];
    let mut table = Table::create().table("audit").to_owned();
    for column in columns {
        table.col(column);
    }
    let indexes = [
        // Also finds the entries of a node that are not yet chained.
        unique("audit", "chain", &["node", "seq"]),
        index("audit", "issuer", &["issuer", "id"]),
        index("audit", "subject", &["issuer", "subject", "id"]),
        index("audit", "client", &["issuer", "client", "id"]),
        index("audit", "patient", &["issuer", "patient", "id"]),
        index("audit", "grant", &["issuer", "grant_id", "id"]),
    ];
    create(manager, table, indexes).await
}

/// Periodic work: whoever moves `due_at` on does it.
async fn chores(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [text("name"), big_integer("due_at"), text("taken_by")];
    create(manager, table("chores", &["name"], columns), []).await
}
