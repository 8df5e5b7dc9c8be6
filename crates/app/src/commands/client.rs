//! `fireward client import|list|show|new-key|remove`.

use std::{
    fs::OpenOptions,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use fireward_jose::{Algorithm, backend::rand::SystemRandom};
use fireward_oauth::{
    ClientId,
    audit::{Actor, Event, Kind},
    client::registration::{SecretStrength, show},
};

use super::{
    place::{Opened, Place},
    say,
};
use crate::{backend, clock, config, fault::Fault, node::import_clients};

/// Clients of an issuer. Changes count on every node within a second.
#[derive(Debug, Args)]
pub(crate) struct Client {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read clients from a JSON file of RFC 7591 metadata: one, or a list. Known ones are replaced.
    Import {
        /// The file; - is standard input.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// One line a client.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// The metadata of a client, without secrets.
    Show {
        /// Its `client_id`.
        client_id: String,
        #[command(flatten)]
        place: Place,
    },
    /// Make a private key for `private_key_jwt`, and print the `jwks` to register.
    NewKey {
        /// The PEM file to write; it must not be there yet.
        file: PathBuf,
        /// ES384 or RS384.
        #[arg(long, default_value = "ES384", value_parser = parse_alg)]
        alg: Algorithm,
    },
    /// Remove a client, and end all that people granted it.
    Remove {
        /// Its `client_id`.
        client_id: String,
        #[command(flatten)]
        place: Place,
    },
}

impl Client {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self.action {
            Action::Import { file, place } => import(&file, place.open().await?).await,
            Action::List { place } => list(place.open().await?).await,
            Action::Show { client_id, place } => shown(&client_id, place.open().await?).await,
            Action::NewKey { file, alg } => new_key(&file, alg),
            Action::Remove { client_id, place } => remove(&client_id, place.open().await?).await,
        }
    }
}

async fn import(file: &Path, opened: Opened) -> Result<(), Fault> {
    let text = config::read(file)?;
    let how = (SecretStrength::Strong, clock::now());
    let ids = import_clients(&opened.store, &opened.issuer, text.as_bytes(), how).await;
    let ids = ids.map_err(|why| Fault::Config(format!("{}: {why}", file.display())))?;
    say(&format!("imported {}: {}", ids.len(), ids.join(" ")));
    opened.finish().await
}

async fn list(Opened { store, issuer }: Opened) -> Result<(), Fault> {
    for client in store.read().clients().list(&issuer).await? {
        say(&format!("{}\t{}\t{}", client.id, client.profile.as_str(), client.about.name));
    }
    Ok(())
}

async fn shown(id: &str, Opened { store, issuer }: Opened) -> Result<(), Fault> {
    let id = parse(id)?;
    let client = store.read().clients().find(&issuer, &id).await?;
    let client = client.ok_or_else(|| unknown(&id))?;
    say(&serde_json::to_string_pretty(&show(&client)).unwrap_or_default());
    Ok(())
}

fn new_key(file: &Path, alg: Algorithm) -> Result<(), Fault> {
    let random = SystemRandom::new();
    let pem = backend::new_pem(alg, &random).map_err(Fault::Other)?;
    let key = backend::from_pem(&pem, None, &random).map_err(Fault::Other)?;
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let written = opened.and_then(|mut file| file.write_all(pem.as_bytes()));
    written.map_err(|why| Fault::file("write", file, &why))?;
    let jwks = serde_json::json!({ "keys": [key.public_jwk().to_json()] });
    say(&serde_json::to_string_pretty(&jwks).unwrap_or_default());
    Ok(())
}

fn parse_alg(text: &str) -> Result<Algorithm, String> {
    let alg = text.parse().ok();
    let known = |alg: &Algorithm| [Algorithm::ES384, Algorithm::RS384].contains(alg);
    alg.filter(known).ok_or_else(|| "must be ES384 or RS384".to_owned())
}

async fn remove(id: &str, Opened { store, issuer }: Opened) -> Result<(), Fault> {
    let (id, now) = (parse(id)?, clock::now());
    let mut event = Event::new(issuer.clone(), now, Actor::Operator, Kind::ClientRemoved);
    event.client = Some(id.clone());
    let removed = store
        .transact(async |tx| {
            let removed = tx.clients().remove(&issuer, &id, now).await?;
            if removed {
                tx.audit().write(&event).await?;
            }
            Ok(removed)
        })
        .await?;
    if !removed {
        return Err(unknown(&id));
    }
    say(&format!("removed {id}; all that people granted it has ended"));
    Opened { store, issuer }.finish().await
}

fn parse(id: &str) -> Result<ClientId, Fault> {
    ClientId::parse(id).map_err(|why| Fault::Config(why.to_string()))
}

fn unknown(id: &ClientId) -> Fault {
    Fault::Config(format!("there is no client {id}; `fireward client list` shows those there are"))
}
