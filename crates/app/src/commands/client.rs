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
use fireward_store::Tx;

use super::{
    kinds::{Import, One, remove, say_json, unknown},
    place::{Opened, Place},
    say,
};
use crate::{backend, clock, fault::Fault, node::import_clients};

/// Clients of an issuer. Changes count on every node within a second.
#[derive(Debug, Args)]
pub(crate) struct Client {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Read clients from a JSON file of RFC 7591 metadata: one, or a list. Known ones are replaced.
    Import(Import),
    /// One line a client: its `client_id`, its profile, its name.
    List(Place),
    /// The metadata of a client, without secrets.
    Show(One),
    /// Make a private key for `private_key_jwt`, and print the `jwks` to register.
    NewKey {
        /// The PEM file to write; it must not be there yet.
        file: PathBuf,
        /// ES384 or RS384.
        #[arg(long, default_value = "ES384", value_parser = parse_alg)]
        alg: Algorithm,
    },
    /// Remove a client, and end all that people granted it.
    Remove(One),
}

impl Client {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self.action {
            Action::Import(file) => file.run(import).await,
            Action::List(place) => list(place.open().await?).await,
            Action::Show(one) => shown(&one.id, one.place.open().await?).await,
            Action::NewKey { file, alg } => new_key(&file, alg),
            Action::Remove(one) => removed(&one.id, one.place.open().await?).await,
        }
    }
}

async fn import(Opened { store, issuer }: &Opened, text: &[u8]) -> Result<Vec<String>, Fault> {
    import_clients(store, issuer, text, (SecretStrength::Strong, clock::now())).await
}

async fn list(Opened { store, issuer }: Opened) -> Result<(), Fault> {
    for client in store.read().clients().list(&issuer).await? {
        say(&format!("{}\t{}\t{}", client.id, client.profile.as_str(), client.about.name));
    }
    Ok(())
}

async fn shown(id: &str, Opened { store, issuer }: Opened) -> Result<(), Fault> {
    let client = store.read().clients().find(&issuer, &parse(id)?).await?;
    say_json(&show(&client.ok_or_else(|| unknown(KIND, id))?));
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
    say_json(&jwks);
    Ok(())
}

fn parse_alg(text: &str) -> Result<Algorithm, String> {
    let alg = text.parse().ok();
    let known = |alg: &Algorithm| [Algorithm::ES384, Algorithm::RS384].contains(alg);
    alg.filter(known).ok_or_else(|| "must be ES384 or RS384".to_owned())
}

async fn removed(id: &str, opened: Opened) -> Result<(), Fault> {
    let (client, issuer, now) = (parse(id)?, opened.issuer.clone(), clock::now());
    let mut event = Event::new(issuer.clone(), now, Actor::Operator, Kind::ClientRemoved);
    event.client = Some(client.clone());
    let take = async |tx: &Tx| tx.clients().remove(&issuer, &client, now).await;
    remove(opened, (KIND, id), &event, take).await
}

fn parse(id: &str) -> Result<ClientId, Fault> {
    ClientId::parse(id).map_err(|why| Fault::Config(why.to_string()))
}

const KIND: &str = "client";
