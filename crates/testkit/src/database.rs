//! Databases of a test's own.

use sea_orm::{ConnectionTrait as _, Database as Connection};
use tempfile::TempDir;

/// A database that nobody else uses, and that goes away.
pub struct Database {
    /// How to connect to it.
    pub url: String,
    kind: Kind,
}

enum Kind {
    File(#[expect(dead_code, reason = "the folder goes when this does")] TempDir),
    Schema { server: String, name: String },
}

impl Database {
    /// A SQLite file.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("test.db").to_string_lossy().into_owned();
        Self { url, kind: Kind::File(folder) }
    }

    /// A schema on the PostgreSQL server that `DATABASE_URL` names; none where it names none.
    pub async fn postgres() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "tests are told of the server this way")]
        let server = std::env::var("DATABASE_URL").ok()?;
        let name = format!("t{}_{}", std::process::id(), nanos());
        let connection = Connection::connect(&server).await.unwrap();
        connection.execute_unprepared(&format!("CREATE SCHEMA {name}")).await.unwrap();
        connection.close().await.unwrap();
        let joint = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joint}options=-c%20search_path%3D{name}");
        Some(Self { url, kind: Kind::Schema { server, name } })
    }

    /// Removes it; a SQLite file goes by itself.
    pub async fn remove(self) {
        if let Kind::Schema { server, name } = self.kind {
            let connection = Connection::connect(&server).await.unwrap();
            connection.execute_unprepared(&format!("DROP SCHEMA {name} CASCADE")).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}

/// Tells the schemas of one process apart.
fn nanos() -> u128 {
    #[expect(clippy::disallowed_methods, reason = "a name, not a time that anything depends on")]
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos()
}
