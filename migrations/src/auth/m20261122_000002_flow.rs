//! What comes and goes with people: authorizations, grants, refresh families, sessions, consents, launches.
//!
//! Each table that would only grow has a moment after which a row is of no use, and an index on it for the chore
//! that sweeps.

use sea_orm_migration::prelude::*;

use super::columns::{
    big_integer, big_integer_null, boolean, create, drop_all, index, octets, octets_null, table,
    text, text_null, unique,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        authorizations(manager).await?;
        grants(manager).await?;
        refresh_families(manager).await?;
        sessions(manager).await?;
        consents(manager).await?;
        launches(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables =
            ["launches", "consents", "sessions", "refresh_families", "grants", "authorizations"];
        drop_all(manager, &tables).await
    }
}

async fn authorizations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        text("issuer"),
        text("id"),
        octets("browser"),
        // The request.
        text("client"),
        text("redirect_uri"),
        boolean("redirect_uri_sent"),
        text_null("state"),
        boolean("omit_iss"),
        text("asked"),
        text("allowed"),
        text("dropped"),
        text_null("resource_server"),
        octets_null("launch"),
        text_null("challenge"),
        text_null("nonce"),
        text("prompt"),
        big_integer_null("max_age"),
        text_null("login_hint"),
        text_null("id_token_hint"),
        text_null("ui_locales"),
        big_integer("created_at"),
        big_integer("expires_at"),
        text("address"),
        // How far it has come.
        text("stage"),
        text_null("patient"),
        text_null("encounter"),
        boolean("account_confirmed"),
        text_null("choice"),
        octets_null("code"),
        text_null("grant_id"),
        big_integer_null("code_expires_at"),
        big_integer_null("code_redeemed_at"),
        big_integer("forget_at"),
    ];
    let of_address = ["issuer", "stage", "address", "created_at"];
    let indexes = [
        unique("authorizations", "code", &["issuer", "code"]),
        index("authorizations", "open", &of_address),
        index("authorizations", "forget", &["forget_at"]),
    ];
    create(manager, table("authorizations", &["issuer", "id"], columns), indexes).await
}

async fn grants(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        text("issuer"),
        text("id"),
        text("subject"),
        text("client"),
        text_null("resource_server"),
        text("asked"),
        text("granted"),
        text("dropped"),
        text("context"),
        octets_null("session"),
        big_integer("auth_time"),
        text("amr"),
        text_null("sid"),
        big_integer("created_at"),
        big_integer("until"),
        big_integer("last_used"),
        big_integer("status_index"),
        text_null("ended"),
        big_integer_null("ended_at"),
        big_integer("forget_at"),
    ];
    let indexes = [
        unique("grants", "status_index", &["issuer", "status_index"]),
        index("grants", "subject", &["issuer", "subject", "ended", "until"]),
        index("grants", "client", &["issuer", "client", "subject"]),
        index("grants", "session", &["issuer", "session"]),
        index("grants", "forget", &["forget_at"]),
    ];
    create(manager, table("grants", &["issuer", "id"], columns), indexes).await
}

async fn refresh_families(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        text("issuer"),
        octets("name"),
        text("grant_id"),
        text("client"),
        big_integer("generation"),
        octets("current"),
        octets_null("previous"),
        octets_null("sealed_successor"),
        big_integer_null("replaced_at"),
    ];
    let mut table = table("refresh_families", &["issuer", "name"], columns);
    // A family goes when its grant is swept, so it needs no expiry of its own.
    let mut of_grant = ForeignKey::create();
    of_grant
        .name("refresh_families_of_grant")
        .from_tbl("refresh_families")
        .from_col("issuer")
        .from_col("grant_id")
        .to_tbl("grants")
        .to_col("issuer")
        .to_col("id")
        .on_delete(ForeignKeyAction::Cascade);
    table.foreign_key(&mut of_grant);
    let by_grant = index("refresh_families", "grant", &["issuer", "grant_id"]);
    create(manager, table, [by_grant]).await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        text("issuer"),
        octets("digest"),
        text("sid"),
        text("user_id"),
        big_integer("auth_time"),
        text("amr"),
        big_integer("last_seen"),
        big_integer("expires_at"),
        text("device"),
        text("address"),
    ];
    let indexes = [
        index("sessions", "user", &["issuer", "user_id"]),
        index("sessions", "forget", &["expires_at"]),
    ];
    create(manager, table("sessions", &["issuer", "digest"], columns), indexes).await
}

async fn consents(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        text("issuer"),
        text("user_id"),
        text("client"),
        // Empty for plain sign-in: a key holds no nulls.
        text("resource_server"),
        text_null("patient"),
        text("asked"),
        text("granted"),
        big_integer("until"),
        big_integer("given_at"),
    ];
    let key = ["issuer", "user_id", "client", "resource_server"];
    let forget = index("consents", "forget", &["until"]);
    create(manager, table("consents", &key, columns), [forget]).await
}

async fn launches(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        text("issuer"),
        octets("digest"),
        text("client"),
        text("resource_server"),
        text_null("fhir_user"),
        text("context"),
        text("created_by"),
        big_integer("created_at"),
        big_integer("expires_at"),
        text_null("claimed_by"),
    ];
    let forget = index("launches", "forget", &["expires_at"]);
    create(manager, table("launches", &["issuer", "digest"], columns), [forget]).await
}
