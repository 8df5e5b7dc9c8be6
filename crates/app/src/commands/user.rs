//! `fireward user import|list|link`.

mod link;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{place::Place, say};
use crate::{clock, config, entropy::SystemEntropy, fault::Fault, node::import_users};

/// Users of an issuer. Changes count on the next request.
#[derive(Debug, Args)]
pub(crate) struct User {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read users from a JSON file: one, or a list. Known ones are replaced, and keep their password
    /// where the file gives none.
    Import {
        /// The file; - is standard input.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// One line a user.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// The records that somebody may open for others, such as their children's.
    Link {
        #[command(subcommand)]
        action: link::Action,
    },
}

impl User {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self.action {
            Action::Import { file, place } => import(&file, &place).await,
            Action::List { place } => list(&place).await,
            Action::Link { action } => action.run().await,
        }
    }
}

async fn import(file: &std::path::Path, place: &Place) -> Result<(), Fault> {
    let opened = place.open().await?;
    let text = config::read(file)?;
    let with = (&SystemEntropy::new() as &dyn fireward_oauth::Entropy, clock::now());
    let names = import_users(&opened.store, &opened.issuer, text.as_bytes(), with).await;
    let names = names.map_err(|why| Fault::Config(format!("{}: {why}", file.display())))?;
    say(&format!("imported {}: {}", names.len(), names.join(" ")));
    opened.finish().await
}

async fn list(place: &Place) -> Result<(), Fault> {
    const PAGE: u64 = 500;
    let opened = place.open().await?;
    let mut after = None;
    loop {
        let users = opened.store.read().users().list(&opened.issuer, after.as_ref(), PAGE).await?;
        for user in &users {
            let fhir_user = user.links.home.fhir_user.as_deref().unwrap_or("-");
            say(&format!("{}\t{}\t{}\t{fhir_user}", user.id, user.username, user.name));
        }
        let Some(last) = users.last() else { return Ok(()) };
        after = Some(last.id.clone());
    }
}
