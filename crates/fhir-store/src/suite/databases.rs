//! Where the suite runs: a SQLite file of its own for each test, and a PostgreSQL schema of its own when `DATABASE_URL` is set.

use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, Database};

use crate::{Durability, Records};

/// Runs the test on SQLite.
pub(super) async fn sqlite(test: impl AsyncFnOnce(Records)) {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let url = format!("sqlite:{}?mode=rwc", folder.path().join("records.db").display());
    test(Records::open(&url, Durability::Normal).await.expect("the database opens")).await;
}

/// Runs the test on PostgreSQL, if there is one.
pub(super) async fn postgres(test: impl AsyncFnOnce(Records)) {
    #[expect(clippy::disallowed_methods, reason = "the one setting of the suite")]
    let Ok(url) = std::env::var("DATABASE_URL") else { return };
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let schema = format!("fhir_suite_{}_{count}", std::process::id());
    let admin = Database::connect(&url).await.expect("the server of DATABASE_URL answers");
    let run = async |sql: String| admin.execute_unprepared(&sql).await.expect("the schema is ours");
    run(format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await;
    run(format!("CREATE SCHEMA {schema}")).await;
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{separator}options=-csearch_path%3D{schema}");
    test(Records::open(&url, Durability::Full).await.expect("the database opens")).await;
    run(format!("DROP SCHEMA {schema} CASCADE")).await;
}

/// Numbers the schemas of one process.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Makes a test of each function on each database.
macro_rules! on_each_database {
    ($($test:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $test() {
                crate::suite::databases::sqlite(super::$test).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $test() {
                crate::suite::databases::postgres(super::$test).await;
            })+
        }
    };
}
pub(super) use on_each_database;
