//! The authorization server's database.
//!
//! `issuer` leads every key: one deployment may serve several issuers, and nothing of one may be found under
//! another. The exceptions are of the deployment, not of an issuer: `audit` (one chain a node), `chores` and
//! `changes`. Times are seconds since 1970, digests octets, lists and objects JSON in text columns.

use sea_orm_migration::prelude::*;

mod columns;
mod m20261122_000001_registrations;
mod m20261122_000002_flow;
mod m20261122_000003_protection;
mod m20261122_000012_explanations;
mod m20261122_000013_contexts;
mod m20261122_000014_launches;
mod m20261122_000016_bound_clients;
mod m20261122_000111_servers;
mod m20261122_000115_brands;
mod m20261122_000117_related_persons;
mod m20261122_000261_audit_deliveries;
mod m20261122_000271_requests;

/// Brings a database of the authorization server up to date.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_registrations::Migration),
            Box::new(m20261122_000002_flow::Migration),
            Box::new(m20261122_000003_protection::Migration),
            Box::new(m20261122_000012_explanations::Migration),
            Box::new(m20261122_000111_servers::Migration),
            Box::new(m20261122_000115_brands::Migration),
            Box::new(m20261122_000013_contexts::Migration),
            Box::new(m20261122_000014_launches::Migration),
            Box::new(m20261122_000016_bound_clients::Migration),
            Box::new(m20261122_000117_related_persons::Migration),
            Box::new(m20261122_000261_audit_deliveries::Migration),
            Box::new(m20261122_000271_requests::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        "auth_migrations".into_iden()
    }
}
