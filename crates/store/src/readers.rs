//! Connections that are only read from: opened where they are needed, kept, and lent to one query at a time.
//!
//! The driver's pool asks a connection whether it still answers whenever one is given back, which for a single query
//! costs as much as the query; and it hands connections out in turn, so that the answer of PostgreSQL often wakes the
//! thread that opened one rather than the thread that waits. Here a connection is asked only after it was idle, and
//! stays with its thread.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement,
    sea_query::Values,
    sqlx::{
        self, AssertSqlSafe, ConnectOptions as _, Connection, PgConnection, SqliteConnection,
        postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
    },
};
use sea_query_sqlx::SqlxValues;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::shared::lock;

/// Where finders outside a transaction look. Nothing can be written through it.
pub(crate) enum Readers {
    /// Each connection has a thread of its own, so any will do.
    Sqlite(Lender<SqliteConnection>),
    /// Each thread that serves has connections of its own.
    Postgres(PerThread),
}

/// The lenders of the threads that have asked so far.
pub(crate) struct PerThread {
    options: PgConnectOptions,
    lenders: RwLock<HashMap<ThreadId, Arc<Lender<PgConnection>>>>,
}

/// So many connections at most, and those of them that nobody uses now.
pub(crate) struct Lender<C: Connection> {
    options: C::Options,
    places: Semaphore,
    idle: Mutex<Vec<(C, Instant)>>,
}

/// A connection in use. INVARIANT: dropped instead of given back, it is closed: whoever went away in the middle of a
/// query leaves nothing of its answer to the next.
struct Loan<'a, C: Connection> {
    connection: C,
    lender: &'a Lender<C>,
    _place: SemaphorePermit<'a>,
}

impl Readers {
    pub(crate) const fn sqlite(options: SqliteConnectOptions) -> Self {
        Self::Sqlite(Lender::new(options, SQLITE))
    }

    pub(crate) fn postgres(options: PgConnectOptions) -> Self {
        Self::Postgres(PerThread { options, lenders: RwLock::default() })
    }
}

/// Runs a statement on a lent connection; the two kinds have one form and two types.
macro_rules! rows {
    ($lender:expr, $statement:expr, $fetch:ident) => {{
        let lender = $lender;
        let mut loan = lender.lend().await?;
        let Statement { sql, values, .. } = $statement;
        let values = SqlxValues(values.unwrap_or_else(|| Values(Vec::new())));
        let query = sqlx::query_with(AssertSqlSafe(sql), values);
        let rows = query.$fetch(&mut loan.connection).await.map_err(fault)?;
        loan.give_back();
        rows.into_iter().map(QueryResult::from)
    }};
}

#[async_trait::async_trait]
impl ConnectionTrait for Readers {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Sqlite(_) => DbBackend::Sqlite,
            Self::Postgres(_) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(only_read())
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(only_read())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(match self {
            Self::Sqlite(lender) => rows!(lender, statement, fetch_optional).next(),
            Self::Postgres(threads) => rows!(threads.here(), statement, fetch_optional).next(),
        })
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(match self {
            Self::Sqlite(lender) => rows!(lender, statement, fetch_all).collect(),
            Self::Postgres(threads) => rows!(threads.here(), statement, fetch_all).collect(),
        })
    }
}

impl PerThread {
    /// The lender of this thread.
    fn here(&self) -> Arc<Lender<PgConnection>> {
        let thread = thread::current().id();
        let lenders = self.lenders.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(lender) = lenders.get(&thread) {
            return Arc::clone(lender);
        }
        drop(lenders);
        let lender = Arc::new(Lender::new(self.options.clone(), POSTGRES));
        let mut lenders = self.lenders.write().unwrap_or_else(PoisonError::into_inner);
        lenders.insert(thread, Arc::clone(&lender));
        lender
    }
}

impl<C: Connection> Lender<C> {
    const fn new(options: C::Options, most: usize) -> Self {
        Self { options, places: Semaphore::const_new(most), idle: Mutex::new(Vec::new()) }
    }

    /// An idle connection that still answers, or a new one.
    async fn lend(&self) -> Result<Loan<'_, C>, DbErr> {
        let waited = timeout(PATIENCE, async {
            let place = self.places.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
            Ok(Loan { connection: self.connection().await?, lender: self, _place: place })
        });
        waited.await.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))?.map_err(fault)
    }

    async fn connection(&self) -> Result<C, sqlx::Error> {
        loop {
            let idle = lock(&self.idle).pop();
            let Some((mut connection, since)) = idle else { return self.options.connect().await };
            // A server that was restarted in the meantime is noticed here.
            if since.elapsed() < TRUSTED || connection.ping().await.is_ok() {
                return Ok(connection);
            }
        }
    }
}

impl<C: Connection> Loan<'_, C> {
    fn give_back(self) {
        lock(&self.lender.idle).push((self.connection, Instant::now()));
    }
}

pub(crate) fn fault(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
}

fn only_read() -> DbErr {
    DbErr::Custom("a reader was asked to write".to_owned())
}

/// Readers of a SQLite file do not block one another; each has a thread.
const SQLITE: usize = 4;

/// Connections to PostgreSQL that are read from, for each thread: one query is on its way while the thread works on
/// another's answer.
const POSTGRES: usize = 2;

/// How long a query waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// For how long an idle connection is taken to be alive.
const TRUSTED: Duration = Duration::from_secs(10);
