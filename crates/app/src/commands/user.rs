//! `fireward user import|list|link`.

mod link;

use clap::{Args, Subcommand};

use super::{
    kinds::Import,
    place::{Opened, Place},
    say,
};
use crate::{clock, entropy::SystemEntropy, fault::Fault, node::import_users};

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
    Import(Import),
    /// One line a user: `sub`, user name, name, FHIR resource.
    List(Place),
    /// The records that somebody may open for others, such as their children's.
    Link {
        #[command(subcommand)]
        action: link::Action,
    },
}

impl User {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self.action {
            Action::Import(file) => file.run(import).await,
            Action::List(place) => list(place.open().await?).await,
            Action::Link { action } => action.run().await,
        }
    }
}

async fn import(Opened { store, issuer }: &Opened, text: &[u8]) -> Result<Vec<String>, Fault> {
    import_users(store, issuer, text, (&SystemEntropy::new(), clock::now())).await
}

async fn list(Opened { store, issuer }: Opened) -> Result<(), Fault> {
    const PAGE: u64 = 500;
    let mut after = None;
    loop {
        let users = store.read().users().list(&issuer, after.as_ref(), PAGE).await?;
        for user in &users {
            let fhir_user = user.links.home.fhir_user.as_deref().unwrap_or("-");
            say(&format!("{}\t{}\t{}\t{fhir_user}", user.id, user.username, user.name));
        }
        let Some(last) = users.last() else { return Ok(()) };
        after = Some(last.id.clone());
    }
}
