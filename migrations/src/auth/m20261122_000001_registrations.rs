//! What is registered and seldom changes: issuers, clients, users, resource servers, signing keys.

use sea_orm_migration::prelude::*;

use super::columns::{
    big_integer, big_integer_null, boolean, create, drop_all, octets, octets_null, table, text,
    text_null, unique,
};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        issuers(manager).await?;
        clients(manager).await?;
        users(manager).await?;
        resource_servers(manager).await?;
        signing_keys(manager).await?;
        changes(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = ["changes", "signing_keys", "resource_servers", "users", "clients", "issuers"];
        drop_all(manager, &tables).await
    }
}

async fn issuers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [text("issuer"), text("url"), big_integer("created_at")];
    let by_url = unique("issuers", "url", &["url"]);
    create(manager, table("issuers", &["issuer"], columns), [by_url]).await
}

async fn clients(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        text("issuer"),
        text("id"),
        text("profile"),
        text("auth_method"),
        // The SHA-256 of each live secret, one after the other.
        octets_null("secrets"),
        text_null("jwks"),
        text_null("jwks_uri"),
        text_null("auth_alg"),
        text("redirect_uris"),
        text("post_logout_redirect_uris"),
        text("launch_uris"),
        text("grant_types"),
        text("scopes"),
        text("consent"),
        text("id_token_alg"),
        boolean("omit_iss"),
        big_integer_null("access_token_lifetime"),
        text("name"),
        text_null("publisher"),
        boolean("reviewed"),
        text_null("client_uri"),
        text_null("logo_uri"),
        text_null("policy_uri"),
        text_null("tos_uri"),
        text("status"),
        big_integer("updated_at"),
    ];
    create(manager, table("clients", &["issuer", "id"], columns), []).await
}

async fn users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        text("issuer"),
        text("id"),
        text("username"),
        // In lower case: what people sign in with is compared without regard to case.
        text("username_folded"),
        text("name"),
        text("password"),
        text_null("fhir_user"),
        // None where any record may be chosen.
        text_null("records"),
        boolean("admin"),
        text_null("email"),
        text("status"),
        big_integer("password_changed_at"),
        big_integer("updated_at"),
    ];
    let by_username = unique("users", "username", &["issuer", "username_folded"]);
    create(manager, table("users", &["issuer", "id"], columns), [by_username]).await
}

async fn resource_servers(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        text("issuer"),
        text("id"),
        text("name"),
        text("base_url"),
        text("audience"),
        text("token_format"),
        text_null("token_alg"),
        text("scopes"),
        text_null("introspection_client"),
        text("patient_namespace"),
    ];
    let by_base = unique("resource_servers", "base_url", &["issuer", "base_url"]);
    create(manager, table("resource_servers", &["issuer", "id"], columns), [by_base]).await
}

async fn signing_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = vec![
        text("issuer"),
        text("kid"),
        text("alg"),
        text("public"),
        octets("sealed"),
        big_integer("published_at"),
        big_integer("signs_from"),
        big_integer_null("revoked_at"),
        // The newest key of the algorithm when this one was made; empty for the first.
        text("after"),
    ];
    // Of several nodes that make a successor at once, one succeeds.
    let successor = unique("signing_keys", "successor", &["issuer", "alg", "after"]);
    create(manager, table("signing_keys", &["issuer", "kid"], columns), [successor]).await
}

/// One row, counted up by every change of what nodes cache; each node reads it twice a second.
async fn changes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [big_integer("id"), big_integer("counter")];
    manager.create_table(table("changes", &["id"], columns)).await?;
    let mut first = Query::insert();
    first.into_table("changes").columns(["id", "counter"]).values_panic([1.into(), 0.into()]);
    manager.execute(first).await
}
