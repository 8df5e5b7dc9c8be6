//! What the demo registers with itself: its FHIR servers, its clients, its users.

use fireward_jose::SigningKey;
use fireward_oauth::{
    Entropy, IssuerId, Timestamp,
    brands::Draft,
    client::registration::SecretStrength,
    people_import::read_file,
    resource_server::registration::{Registration, read_file as read_servers},
};
use fireward_store::Store;
use serde_json::Value;

use super::Addresses;
use crate::{
    app_state::beside,
    fault::Fault,
    node::{brands_draft, import_clients, import_users},
};

const CLIENTS: &str = include_str!("clients.json");
const SERVERS: &str = include_str!("servers.json");
const USERS: &str = include_str!("users.json");
const BRANDS: &str = include_str!("brands.json");

/// The clinic's user-access brands.
pub(crate) fn brands(addresses: &Addresses) -> Result<Draft, Fault> {
    let text = BRANDS.replace("{issuer}", &addresses.issuer).replace("{fhir}", &addresses.fhir);
    brands_draft(&text, None)
}

/// The demo's FHIR servers, as the issuer knows them.
pub(crate) fn servers(addresses: &Addresses) -> Result<Vec<Registration>, Fault> {
    let text = SERVERS.replace("{fhir}", &addresses.fhir);
    let text = text.replace("{app_state}", &beside(&addresses.fhir));
    let text = text.replace("{laboratory}", &addresses.laboratory);
    read_servers(text.as_bytes()).map_err(|why| Fault::Config(why.to_string()))
}

/// The keys that the demo's clients prove themselves with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keys<'a> {
    /// Of the EHR.
    pub(crate) ehr: &'a SigningKey,
    /// Of the backend services.
    pub(crate) backend: &'a SigningKey,
}

/// Registers clients and users; those who are there keep their passwords unless a new one is given.
///
/// # Errors
/// When the database cannot be written.
pub(crate) async fn register(
    store: &Store,
    issuer: &IssuerId,
    (addresses, keys): (&Addresses, Keys<'_>),
    password: Option<&str>,
    (entropy, now): (&dyn Entropy, Timestamp),
) -> Result<(), Fault> {
    let clients = clients(addresses, keys)?;
    let how = (SecretStrength::Any, now);
    import_clients(store, issuer, clients.as_bytes(), how).await?;
    if password.is_none() && all_known(store, issuer).await? {
        return Ok(());
    }
    let users = USERS.replace("{password}", password.unwrap_or(super::PASSWORD));
    import_users(store, issuer, users.as_bytes(), (entropy, now)).await?;
    Ok(())
}

/// Whether every demo user is there, so that nothing needs hashing at a second start.
async fn all_known(store: &Store, issuer: &IssuerId) -> Result<bool, Fault> {
    let users = read_file(USERS.as_bytes()).map_err(|why| Fault::Config(why.to_string()))?;
    for user in &users {
        if store.read().users().find(issuer, user.id()).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn clients(addresses: &Addresses, keys: Keys<'_>) -> Result<String, Fault> {
    let text = CLIENTS.replace("{apps}", &addresses.apps);
    let mut clients: Value =
        serde_json::from_str(&text).map_err(|why| Fault::Config(why.to_string()))?;
    for client in clients.as_array_mut().into_iter().flatten() {
        if let Some(jwks) = client.get_mut("jwks") {
            let key = if *jwks == "{ehr}" { keys.ehr } else { keys.backend };
            *jwks = serde_json::json!({ "keys": [key.public_jwk().to_json()] });
        }
    }
    Ok(clients.to_string())
}
