//! Which database a command works on, and as which issuer.

use std::path::PathBuf;

use clap::Args;
use fireward_oauth::IssuerId;
use fireward_store::{Durability, Store};

use crate::{config::Config, fault::Fault};

/// Whose chain in the audit log has what commands did; they share it, wherever they run.
const COMMANDS: &str = "commands";

/// Under what `--help` lists where the state is.
const PLACE: &str = "Where the state is";

/// Where the state is.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The folder of a demo's data.
    #[arg(long, env = "FIREWARD_DATA", default_value = "fireward-data", help_heading = PLACE)]
    data: PathBuf,
    /// A SQLite path or `postgres://` URL, instead of the one in the data folder.
    #[arg(long, env = "FIREWARD_DATABASE_URL", hide_env_values = true, help_heading = PLACE)]
    database_url: Option<String>,
    /// The configuration of a production server, for its database and issuer.
    #[arg(long, env = "FIREWARD_CONFIG", help_heading = PLACE)]
    config: Option<PathBuf>,
    /// The issuer's name in the database.
    #[arg(long, default_value = "main", help_heading = PLACE)]
    issuer_id: String,
}

/// A database and the issuer that a command is about.
pub(crate) struct Opened {
    /// The database.
    pub(crate) store: Store,
    /// The issuer.
    pub(crate) issuer: IssuerId,
}

impl Opened {
    /// Closes the chain of what this command wrote in the audit log.
    pub(crate) async fn finish(self) -> Result<(), Fault> {
        self.store.flush_audit().await?;
        Ok(())
    }
}

impl Place {
    /// Opens a database that exists.
    pub(crate) async fn open(&self) -> Result<Opened, Fault> {
        let opened = self.connect().await?;
        opened.store.migrate().await?;
        Ok(opened)
    }

    /// Connects, and leaves the schema as it is.
    pub(crate) async fn connect(&self) -> Result<Opened, Fault> {
        let config = self.config.as_deref().map(Config::read).transpose()?;
        let (url, issuer) = match (&self.database_url, &config) {
            (Some(url), None) => (url.clone(), self.issuer_id.clone()),
            (Some(url), Some(config)) => (url.clone(), config.issuer.id.clone()),
            (None, Some(config)) => (config.database.resolve()?, config.issuer.id.clone()),
            (None, None) => (self.demo_database()?, self.issuer_id.clone()),
        };
        let issuer = IssuerId::parse(&issuer).map_err(|why| Fault::Config(why.to_string()))?;
        Ok(Opened { store: Store::connect_as(COMMANDS, &url, Durability::Full).await?, issuer })
    }

    /// `--config`, where it was given.
    pub(crate) fn config(&self) -> Option<&std::path::Path> {
        self.config.as_deref()
    }

    /// `--data`.
    pub(crate) fn data(&self) -> &std::path::Path {
        &self.data
    }

    fn demo_database(&self) -> Result<String, Fault> {
        let path = self.data.join(crate::demo::AUTH_DATABASE);
        if path.exists() {
            Ok(path.to_string_lossy().into_owned())
        } else {
            Err(Fault::Config(format!(
                "there is no database at {}: name the place with --data DIR, --database-url URL or --config FILE",
                path.display()
            )))
        }
    }
}
