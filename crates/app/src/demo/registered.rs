//! What the demo registers with itself: its FHIR server, its clients, its users.

use fireward_jose::{Algorithm, SigningKey};
use fireward_oauth::{
    Entropy, IssuerId, ResourceServerId, Timestamp,
    brands::Draft,
    client::registration::SecretStrength,
    people_import::read_file,
    resource_server::{ResourceServer, TokenFormat},
};
use fireward_store::Store;
use serde_json::Value;

use super::Addresses;
use crate::{
    config::all_scopes,
    fault::Fault,
    node::{brands_draft, import_clients, import_users},
};

const CLIENTS: &str = include_str!("clients.json");
const USERS: &str = include_str!("users.json");
const BRANDS: &str = include_str!("brands.json");

/// The clinic's user-access brands.
pub(crate) fn brands(addresses: &Addresses) -> Result<Draft, Fault> {
    let text = BRANDS.replace("{issuer}", &addresses.issuer).replace("{fhir}", &addresses.fhir);
    brands_draft(&text, None)
}

/// The demo's FHIR server, as the issuer knows it.
pub(crate) fn server(issuer: &IssuerId, addresses: &Addresses) -> Result<ResourceServer, Fault> {
    let wrong = |why: String| Fault::Config(why);
    Ok(ResourceServer {
        issuer: issuer.clone(),
        id: ResourceServerId::parse("demo").map_err(|why| wrong(why.to_string()))?,
        name: "Demo records".to_owned(),
        base_url: addresses.fhir.clone(),
        audience: addresses.fhir.clone(),
        token_format: TokenFormat::Jwt { alg: Algorithm::ES256 },
        scopes: all_scopes().join(" ").parse().map_err(|_| wrong("scopes".to_owned()))?,
        introspection_client: None,
        patient_namespace: "demo".to_owned(),
    })
}

/// Registers clients and users; those who are there keep their passwords unless a new one is given.
///
/// # Errors
/// When the database cannot be written.
pub(crate) async fn register(
    store: &Store,
    issuer: &IssuerId,
    (addresses, key): (&Addresses, &SigningKey),
    password: Option<&str>,
    (entropy, now): (&dyn Entropy, Timestamp),
) -> Result<(), Fault> {
    let clients = clients(addresses, key)?;
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

fn clients(addresses: &Addresses, key: &SigningKey) -> Result<String, Fault> {
    let text = CLIENTS.replace("{apps}", &addresses.apps);
    let mut clients: Value =
        serde_json::from_str(&text).map_err(|why| Fault::Config(why.to_string()))?;
    for client in clients.as_array_mut().into_iter().flatten() {
        if let Some(jwks) = client.get_mut("jwks") {
            *jwks = serde_json::json!({ "keys": [key.public_jwk().to_json()] });
        }
    }
    Ok(clients.to_string())
}
