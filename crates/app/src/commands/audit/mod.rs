//! `fireward audit list|verify`.

mod list;
mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::place::Place;
use crate::fault::Fault;

/// The audit log: who did what, for which app, on whose record. `docs/audit.md` explains it.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// One line an entry, the newest first.
    List {
        #[command(flatten)]
        wanted: Box<list::Wanted>,
        #[command(flatten)]
        place: Place,
    },
    /// Follow the chain of each node: whether an entry was changed or removed since it was written.
    Verify {
        /// What `audit verify --json` printed at an earlier time and was kept elsewhere: the chains must still
        /// go through it.
        #[arg(long)]
        kept: Option<PathBuf>,
        /// One JSON object a chain, to be kept.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

impl Audit {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self.action {
            Action::List { wanted, place } => list::list(&wanted, place.open().await?).await,
            Action::Verify { kept, json, place } => {
                verify::verify(kept.as_deref(), json, place.open().await?).await
            }
        }
    }
}
