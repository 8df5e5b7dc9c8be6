//! `fireward resource-server import|list|show|remove`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use fireward_oauth::{
    ResourceServerId,
    audit::{Actor, Event, Kind},
    resource_server::{self, Provenance, TokenFormat, registration::show},
};

use super::{
    place::{Opened, Place},
    say,
};
use crate::{clock, config, fault::Fault, node::import_resource_servers};

/// Resource servers of an issuer: FHIR servers that trust its tokens. Changes count on every node within a second.
#[derive(Debug, Args)]
pub(crate) struct ResourceServer {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read resource servers from a JSON file: one, or a list. Known ones are replaced. `docs/resource-servers.md`
    /// lists the members.
    Import {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// One line a server: its name in the database, where it comes from, its tokens, its patient ids, its base URL.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// All that is known of a server, as it could be imported.
    Show {
        /// Its name in the database.
        id: String,
        #[command(flatten)]
        place: Place,
    },
    /// Remove a server that was imported, and end all that people granted there.
    Remove {
        /// Its name in the database.
        id: String,
        #[command(flatten)]
        place: Place,
    },
}

impl ResourceServer {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self.action {
            Action::Import { file, place } => import(&file, place.open().await?).await,
            Action::List { place } => list(place.open().await?).await,
            Action::Show { id, place } => {
                let server = find(&id, &place.open().await?).await?;
                say(&serde_json::to_string_pretty(&show(&server)).unwrap_or_default());
                Ok(())
            }
            Action::Remove { id, place } => remove(&id, place.open().await?).await,
        }
    }
}

async fn import(file: &std::path::Path, opened: Opened) -> Result<(), Fault> {
    let text = config::read(file)?;
    let Opened { store, issuer } = &opened;
    let ids = import_resource_servers(store, issuer, text.as_bytes(), clock::now()).await;
    let ids = ids.map_err(|why| Fault::Config(format!("{}: {why}", file.display())))?;
    say(&format!("imported {}: {}", ids.len(), ids.join(" ")));
    opened.finish().await
}

async fn list(Opened { store, issuer }: Opened) -> Result<(), Fault> {
    for server in store.read().resource_servers().list(&issuer).await? {
        let tokens = match server.token_format {
            TokenFormat::Jwt { alg } => format!("jwt {alg}"),
            TokenFormat::Opaque => "opaque".to_owned(),
        };
        let (id, origin, namespace) =
            (&server.id, server.provenance.as_str(), &server.patient_namespace);
        say(&format!("{id}\t{origin}\t{tokens}\t{namespace}\t{}", server.base_url));
    }
    Ok(())
}

async fn remove(id: &str, opened: Opened) -> Result<(), Fault> {
    let server = find(id, &opened).await?;
    if server.provenance == Provenance::Configured {
        return Err(Fault::Config(format!(
            "{id} stands in the configuration file: remove it there and start the server again"
        )));
    }
    let (now, Opened { store, issuer }) = (clock::now(), &opened);
    let mut event = Event::new(issuer.clone(), now, Actor::Operator, Kind::ResourceServerRemoved);
    event.detail = id.to_owned();
    store
        .transact(async |tx| {
            tx.resource_servers().remove(issuer, &server.id, now).await?;
            tx.audit().write(&event).await
        })
        .await?;
    say(&format!("removed {id}; all that people granted there has ended"));
    opened.finish().await
}

async fn find(
    id: &str,
    Opened { store, issuer }: &Opened,
) -> Result<resource_server::ResourceServer, Fault> {
    let parsed = ResourceServerId::parse(id).map_err(|why| Fault::Config(why.to_string()))?;
    let found = store.read().resource_servers().find(issuer, &parsed).await?;
    found.ok_or_else(|| {
        Fault::Config(format!(
            "there is no resource server {id}; `fireward resource-server list` shows those there are"
        ))
    })
}
