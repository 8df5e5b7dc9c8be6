//! Opening the database, on SQLite or PostgreSQL, and bringing its tables up to date.

use std::{
    fmt::Display,
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use fireward_migrations::auth::Migrator;
use log::LevelFilter;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, TransactionTrait,
    sea_query::{Func, Query, Value},
    sqlx::{
        ConnectOptions as _, Connection as _, postgres::PgConnectOptions,
        sqlite::SqliteConnectOptions,
    },
};
use sea_orm_migration::MigratorTrait;

use crate::{StoreError, readers::Readers};

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A loss of power: SQLite `synchronous=FULL`, PostgreSQL's own `synchronous_commit`.
    Full,
    /// A crash of the program, though not always of the machine: SQLite `synchronous=NORMAL`, PostgreSQL
    /// `synchronous_commit=off`. For demonstrations.
    Demo,
}

/// The connections to a database.
pub(crate) struct Pools {
    /// SQLite: the one connection that writes. PostgreSQL: all.
    pub(crate) writers: DatabaseConnection,
    /// Connections that cannot write.
    pub(crate) readers: Readers,
}

/// Opens the database at `url`: `postgres://…`, `sqlite:PATH`, or the path of a SQLite file.
pub(crate) async fn open(url: &str, durability: Durability) -> Result<Pools, StoreError> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        let options: PgConnectOptions = url.parse().map_err(|why| unusable("database URL", why))?;
        reach(&options).await?;
        let writers = postgres(url, durability).await?;
        let readers = options.options([("default_transaction_read_only", "on")]);
        return Ok(Pools { writers, readers: Readers::postgres(prepared(readers)) });
    }
    let path = sqlite_path(url)?;
    make_private(&path)?;
    // The writer first: it creates the file.
    let options = sqlite_options(&path, durability);
    let writers = sqlite(options.clone()).await?;
    let readers = options.create_if_missing(false).pragma("query_only", "ON");
    Ok(Pools { writers, readers: Readers::sqlite(readers) })
}

/// Runs pending migrations once, however many processes start at the same time.
pub(crate) async fn migrate(writers: &DatabaseConnection) -> Result<(), StoreError> {
    let transaction = writers.begin_with_options(crate::transact::immediate()).await?;
    if writers.get_database_backend() == DbBackend::Postgres {
        let lock = Func::cust("pg_advisory_xact_lock").arg(Value::from(LOCK));
        transaction.query_one(Query::select().expr(lock)).await?;
    }
    Migrator::up(&transaction, None).await?;
    Ok(transaction.commit().await?)
}

/// One connection, made and closed: where it fails the reason is told at once, not after the pool's patience.
async fn reach(options: &PgConnectOptions) -> Result<(), StoreError> {
    let of = || format!("PostgreSQL at {}:{}", options.get_host(), options.get_port());
    let connected = tokio::time::timeout(PATIENCE, options.connect()).await;
    let connected = connected.map_err(|_| unusable(&of(), "no answer"))?;
    connected.map_err(|why| unusable(&of(), why))?.close().await.map_err(|why| unusable(&of(), why))
}

/// Makes the file where it is not there, for its owner's eyes alone; SQLite gives its journals the same mode.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let opened = OpenOptions::new().append(true).create(true).mode(0o600).open(path);
    opened.map(drop).map_err(|why| unusable(&path.display().to_string(), why))
}

fn unusable(what: &str, why: impl Display) -> StoreError {
    StoreError::Unusable(format!("{what}: {why}"))
}

fn sqlite_path(url: &str) -> Result<PathBuf, StoreError> {
    let path = match url.strip_prefix("sqlite:") {
        Some(rest) => rest.strip_prefix("//").unwrap_or(rest).split('?').next().unwrap_or_default(),
        None if url.contains("://") => {
            return Err(StoreError::Unusable(
                "the database must be a SQLite file or a postgres:// URL".to_owned(),
            ));
        }
        None => url,
    };
    if path.is_empty() || path == ":memory:" {
        return Err(StoreError::Unusable(
            "a SQLite database must be a file: readers and the writer share it".to_owned(),
        ));
    }
    Ok(PathBuf::from(path))
}

fn sqlite_options(path: &Path, durability: Durability) -> SqliteConnectOptions {
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Demo => "NORMAL",
    };
    let sqlite = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let sqlite = sqlite.pragma("journal_mode", "WAL").pragma("synchronous", synchronous);
    let sqlite = sqlite.foreign_keys(true).busy_timeout(Duration::from_secs(5));
    let sqlite = sqlite.statement_cache_capacity(STATEMENTS);
    // As in `prepared`.
    sqlite.log_statements(LevelFilter::Trace).log_slow_statements(LevelFilter::Off, Duration::MAX)
}

async fn sqlite(sqlite: SqliteConnectOptions) -> Result<DatabaseConnection, StoreError> {
    let mut options = quiet("sqlite::memory:");
    // SQLite has one writer.
    options.max_connections(1);
    options.map_sqlx_sqlite_opts(move |_| sqlite.clone());
    // A connection that is left within a transaction is closed, not used again: SQLite undoes a whole transaction by
    // itself where the disk is full, and the driver's count of savepoints would be wrong from then on.
    options.map_sqlx_sqlite_pool_opts(|pool| {
        pool.after_release(|connection, _| {
            let idle = !connection.is_in_transaction();
            Box::pin(async move { Ok(idle) })
        })
    });
    Ok(Database::connect(options).await?)
}

async fn postgres(url: &str, durability: Durability) -> Result<DatabaseConnection, StoreError> {
    let mut options = quiet(url);
    options.max_connections(CONNECTIONS);
    // A server that was restarted in the meantime is noticed before a request is.
    options.test_before_acquire_if_idle_for(Duration::from_secs(10));
    options.map_sqlx_postgres_opts(move |postgres| {
        // Conditional writes and unique keys settle every race, so nothing stricter is needed.
        let postgres = postgres.options([("default_transaction_isolation", "read committed")]);
        let postgres = prepared(postgres);
        match durability {
            Durability::Full => postgres,
            Durability::Demo => postgres.options([("synchronous_commit", "off")]),
        }
    });
    Ok(Database::connect(options).await?)
}

fn quiet(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).record_stmt_in_spans(false);
    options.acquire_timeout(Duration::from_secs(10)).test_before_acquire(false);
    options
}

fn prepared(postgres: PgConnectOptions) -> PgConnectOptions {
    let postgres = postgres.statement_cache_capacity(STATEMENTS);
    // So that tests can count statements; the binary's own logs never show them.
    postgres.log_statements(LevelFilter::Trace).log_slow_statements(LevelFilter::Off, Duration::MAX)
}

/// How long a database may take to answer at the start.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections to PostgreSQL that write, for each node.
const CONNECTIONS: u32 = 16;

/// More than there are distinct statements here, so that each is prepared once a connection.
const STATEMENTS: usize = 256;

/// Names the advisory lock under which this database is migrated; any number that no one else uses.
const LOCK: i64 = 0x4649_5245_4155_5448;
