//! The demo FHIR server's database: resources, their earlier versions, and the search index.

use sea_orm_migration::prelude::*;

mod m20261122_000001_records;
mod m20261122_000016_exports;
mod m20261122_000115_app_state;
mod m20261122_000118_app_state_octets;
mod m20261122_000231_history;
mod m20261122_000241_pairs;
mod m20261122_000265_audit;
mod m20261122_000281_indexing;

/// Brings a database of records up to date.
#[derive(Debug, Clone, Copy)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_records::Migration),
            Box::new(m20261122_000016_exports::Migration),
            Box::new(m20261122_000115_app_state::Migration),
            Box::new(m20261122_000118_app_state_octets::Migration),
            Box::new(m20261122_000231_history::Migration),
            Box::new(m20261122_000241_pairs::Migration),
            Box::new(m20261122_000265_audit::Migration),
            Box::new(m20261122_000281_indexing::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        "fhir_migrations".into_iden()
    }
}
