//! `fireward app-state list|remove`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use fireward_fhir_store::{Durability, Records};

use super::{fhir::database_url, say};
use crate::{
    demo::{FHIR_DATABASE, Folder},
    fault::Fault,
};

/// What apps keep at a FHIR server: which code systems have how much, and removing all of one. Never what is in it.
#[derive(Debug, Args)]
pub(crate) struct AppState {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// One line a code system, with how many states it has.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Remove all state of a code system, as of an app that is no more.
    Remove {
        /// The system of its codes: the app's origin.
        system: String,
        #[command(flatten)]
        place: Place,
    },
}

/// Which FHIR server's database.
#[derive(Debug, Args)]
struct Place {
    /// The folder of its database.
    #[arg(long, env = "FIREWARD_DATA", default_value = "fireward-data")]
    data: PathBuf,
    /// Another database: a SQLite path or `postgres://` URL.
    #[arg(long = "fhir-database-url", env = "FIREWARD_FHIR_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

impl AppState {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self.action {
            Action::List { place } => {
                for (system, count) in place.open().await?.count_states().await? {
                    say(&format!("{system}\t{count}"));
                }
                Ok(())
            }
            Action::Remove { system, place } => {
                let removed = place.open().await?.forget_states(&system).await?;
                say(&format!("removed {removed} states of {system}"));
                Ok(())
            }
        }
    }
}

impl Place {
    async fn open(&self) -> Result<Records, Fault> {
        let database = match &self.database_url {
            Some(url) => url.clone(),
            None => Folder::open(&self.data)?.database(FHIR_DATABASE),
        };
        Ok(Records::open(&database_url(&database)?, Durability::Full).await?)
    }
}
