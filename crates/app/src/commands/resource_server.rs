//! `fireward resource-server import|list|show|remove`.

use clap::{Args, Subcommand};
use fireward_oauth::{
    ResourceServerId,
    audit::{Actor, Event, Kind},
    resource_server::{self, Provenance, TokenFormat, registration::show},
};
use fireward_store::Tx;

use super::{
    kinds::{Import, One, remove, say_json, unknown},
    place::{Opened, Place},
    say,
};
use crate::{clock, fault::Fault, node::import_resource_servers};

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
    Import(Import),
    /// One line a server: its id, where it comes from, its tokens, its patient ids, its base URL.
    List(Place),
    /// All that is known of a server, as it could be imported.
    Show(One),
    /// Remove a server that was imported, and end all that people granted there.
    Remove(One),
}

impl ResourceServer {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self.action {
            Action::Import(file) => file.run(import).await,
            Action::List(place) => list(place.open().await?).await,
            Action::Show(one) => {
                say_json(&show(&find(&one.id, &one.place.open().await?).await?));
                Ok(())
            }
            Action::Remove(one) => removed(&one.id, one.place.open().await?).await,
        }
    }
}

async fn import(Opened { store, issuer }: &Opened, text: &[u8]) -> Result<Vec<String>, Fault> {
    import_resource_servers(store, issuer, text, clock::now()).await
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

async fn removed(id: &str, opened: Opened) -> Result<(), Fault> {
    let server = find(id, &opened).await?;
    if server.provenance == Provenance::Configured {
        return Err(Fault::Config(format!(
            "{id} stands in the configuration file: remove it there and start the server again"
        )));
    }
    let (now, issuer) = (clock::now(), opened.issuer.clone());
    let mut event = Event::new(issuer.clone(), now, Actor::Operator, Kind::ResourceServerRemoved);
    event.detail = id.to_owned();
    let take = async |tx: &Tx| tx.resource_servers().remove(&issuer, &server.id, now).await;
    remove(opened, (KIND, id), &event, take).await
}

async fn find(
    id: &str,
    Opened { store, issuer }: &Opened,
) -> Result<resource_server::ResourceServer, Fault> {
    let parsed = ResourceServerId::parse(id).map_err(|why| Fault::Config(why.to_string()))?;
    let found = store.read().resource_servers().find(issuer, &parsed).await?;
    found.ok_or_else(|| unknown(KIND, id))
}

const KIND: &str = "resource server";
