//! What the commands on things of one kind share: a file of them is imported, all are listed, one is shown or removed.

use std::path::PathBuf;

use clap::Args;
use fireward_oauth::audit::Event;
use fireward_store::{StoreError, Tx};
use serde_json::Value;

use super::{
    place::{Opened, Place},
    say,
};
use crate::{config, fault::Fault};

/// A file of things to import.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The file; - is standard input.
    file: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// One that is known already.
#[derive(Debug, Args)]
pub(super) struct One {
    /// Its id, as `list` shows it.
    pub(super) id: String,
    #[command(flatten)]
    pub(super) place: Place,
}

impl Import {
    /// Has `take` import what the file holds, and says the names of it.
    pub(super) async fn run(
        self,
        take: impl AsyncFnOnce(&Opened, &[u8]) -> Result<Vec<String>, Fault>,
    ) -> Result<(), Fault> {
        let opened = self.place.open().await?;
        let text = config::read(&self.file)?;
        let names = take(&opened, text.as_bytes()).await;
        let names =
            names.map_err(|why| Fault::Config(format!("{}: {why}", self.file.display())))?;
        say(&format!("imported {}: {}", names.len(), names.join(" ")));
        opened.finish().await
    }
}

/// Removes one of this `kind` and writes that down, in one transaction.
pub(super) async fn remove(
    opened: Opened,
    (kind, id): (&str, &str),
    event: &Event,
    take: impl AsyncFn(&Tx) -> Result<bool, StoreError>,
) -> Result<(), Fault> {
    let done = opened.store.transact(async |tx| {
        let there = take(tx).await?;
        if there {
            tx.audit().write(event).await?;
        }
        Ok(there)
    });
    if !done.await? {
        return Err(unknown(kind, id));
    }
    say(&format!("removed {id}; its grants have ended"));
    opened.finish().await
}

/// Prints what is known of one, for people and programs.
pub(super) fn say_json(known: &Value) {
    // Keys of JSON are text, so it can always be written.
    say(&format!("{known:#}"));
}

/// There is no such `kind`; the command of that name lists those there are.
pub(super) fn unknown(kind: &str, id: &str) -> Fault {
    let command = kind.replace(' ', "-");
    Fault::Config(format!(
        "there is no {kind} {id}; `fireward {command} list` shows those there are"
    ))
}
