//! Opening the database of records, on SQLite or PostgreSQL, and bringing its tables up to date.

use std::{sync::Arc, time::Duration};

use fireward_migrations::fhir::Migrator;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, RuntimeErr,
    TransactionTrait,
    sea_query::{Query, Value},
    sqlx::{self, ConnectOptions as _, Connection as _, postgres::PgConnectOptions},
};
use sea_orm_migration::MigratorTrait;

/// What a commit on SQLite survives. PostgreSQL follows its own `synchronous_commit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A loss of power: `synchronous=FULL`.
    Full,
    /// A crash of the program, though not always of the machine: `synchronous=NORMAL`. For demonstrations.
    Normal,
}

/// Opens the database at `url` (`sqlite:PATH?mode=rwc` or `postgres://…`) and migrates it.
pub(crate) async fn open(url: &str, durability: Durability) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).record_stmt_in_spans(false);
    options.max_connections(CONNECTIONS).acquire_timeout(Duration::from_secs(10));
    options.map_sqlx_sqlite_opts(move |sqlite| {
        let synchronous = match durability {
            Durability::Full => "FULL",
            Durability::Normal => "NORMAL",
        };
        let sqlite = sqlite.pragma("journal_mode", "WAL").pragma("synchronous", synchronous);
        sqlite.foreign_keys(true).busy_timeout(Duration::from_secs(5))
    });
    if url.starts_with("postgres") {
        reach(url).await?;
    }
    let connection = Database::connect(options).await?;
    migrate(&connection).await?;
    crate::renewal::mark(&connection).await?;
    Ok(connection)
}

/// One connection to PostgreSQL, made and closed: where it fails the reason is told at once, not after the pool's
/// patience.
async fn reach(url: &str) -> Result<(), DbErr> {
    let failed = |error: sqlx::Error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error)));
    let options: PgConnectOptions = url.parse().map_err(failed)?;
    options.connect().await.map_err(failed)?.close().await.map_err(failed)
}

/// Runs pending migrations once, however many processes start at the same time.
async fn migrate(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let transaction = connection.begin().await?;
    if connection.get_database_backend() == DbBackend::Postgres {
        let lock = Query::select()
            .expr(sea_orm::sea_query::Func::cust("pg_advisory_xact_lock").arg(Value::from(LOCK)))
            .to_owned();
        transaction.query_one(&lock).await?;
    }
    Migrator::up(&transaction, None).await?;
    transaction.commit().await
}

/// A reader on SQLite has a connection to itself; the demo has few of them.
const CONNECTIONS: u32 = 8;

/// Names the advisory lock under which this database is migrated; any number that no one else uses.
const LOCK: i64 = 0x4649_5245_4648_4952;
