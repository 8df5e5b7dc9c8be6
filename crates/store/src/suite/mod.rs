//! The same tests on every database: SQLite always, PostgreSQL where `DATABASE_URL` names a server.

mod audit;
mod brands;
mod caches;
mod chores;
mod explanations;
mod flow;
mod groups;
mod launches;
mod races;
mod readers;
mod registrations;
mod samples;

use std::sync::atomic::{AtomicUsize, Ordering};

use fireward_testkit::Database;
use tokio::sync::Barrier;

use crate::{Durability, Store};

/// A migrated store, and where it is.
struct Scene {
    store: Store,
    url: String,
    start: Start,
}

/// Makes a race certain: the first so many bodies wait for one another after they have looked, before they write.
///
/// On SQLite, whose bodies run one after the other, nobody waits.
struct Start {
    line: Option<Barrier>,
    came: AtomicUsize,
}

impl Start {
    const RUNNERS: usize = 12;

    fn of(url: &str) -> Self {
        let line = url.starts_with("postgres").then(|| Barrier::new(Self::RUNNERS));
        Self { line, came: AtomicUsize::new(0) }
    }

    async fn wait(&self) {
        if let Some(line) = &self.line
            && self.came.fetch_add(1, Ordering::Relaxed) < Self::RUNNERS
        {
            line.wait().await;
        }
    }
}

impl Scene {
    async fn at(database: &Database) -> Self {
        let url = database.url.clone();
        let store = Store::connect_as("one", &url, Durability::Demo).await.unwrap();
        store.migrate().await.unwrap();
        let start = Start::of(&url);
        Self { store, url, start }
    }

    /// Another node on the same database.
    async fn second(&self) -> Store {
        Store::connect_as("two", &self.url, Durability::Demo).await.unwrap()
    }
}

/// Makes two tests of each function.
macro_rules! on_each_database {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            use fireward_testkit::Database;

            #[tokio::test]
            async fn on_sqlite() {
                let database = Database::sqlite();
                super::$name($crate::suite::Scene::at(&database).await).await;
                database.remove().await;
            }

            #[tokio::test]
            async fn on_postgres() {
                if let Some(database) = Database::postgres().await {
                    super::$name($crate::suite::Scene::at(&database).await).await;
                    database.remove().await;
                }
            }
        })+
    };
}

use on_each_database;
