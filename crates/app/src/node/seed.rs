//! Writing down what files say: resource servers, clients, users. Idempotent by their ids.

use fireward_auth_server::hash;
use fireward_oauth::{
    Entropy, IssuerId, ResourceServerId, Timestamp,
    audit::{Actor, Event, Kind},
    client::registration::{self, Importing, SecretStrength},
    people::User,
    people_import::{self, NewUser, Password},
    resource_server::ResourceServer,
};
use fireward_store::Store;

use crate::fault::Fault;

/// Resource servers, as the configuration has them.
pub(super) async fn resource_servers(
    store: &Store,
    issuer: &IssuerId,
    servers: &[ResourceServer],
) -> Result<(), Fault> {
    let known = store.read().resource_servers().list(issuer).await?;
    let wanted = |id: &ResourceServerId| servers.iter().any(|server| server.id == *id);
    let gone: Vec<_> = known.iter().map(|server| &server.id).filter(|id| !wanted(id)).collect();
    store
        .transact(async |tx| {
            for server in servers {
                tx.resource_servers().save(server).await?;
            }
            for id in &gone {
                tx.resource_servers().remove(issuer, id).await?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// Clients from a file of RFC 7591 metadata; answers their ids.
///
/// # Errors
/// When one of them is wrong: then none is written.
pub(crate) async fn import_clients(
    store: &Store,
    issuer: &IssuerId,
    text: &[u8],
    (secrets, now): (SecretStrength, Timestamp),
) -> Result<Vec<String>, Fault> {
    let clients = registration::read_file(text, &Importing { issuer, secrets, now })
        .map_err(|why| Fault::Config(why.to_string()))?;
    store
        .transact(async |tx| {
            for client in &clients {
                tx.clients().save(client).await?;
                let mut event = operators(issuer, Kind::ClientChanged, now);
                event.client = Some(client.id.clone());
                tx.audit().write(&event).await?;
            }
            Ok(())
        })
        .await?;
    Ok(clients.into_iter().map(|client| client.id.to_string()).collect())
}

/// Users from a file; answers their names. Who is known and has no new password keeps the old one.
///
/// # Errors
/// When one of them is wrong: then none is written.
pub(crate) async fn import_users(
    store: &Store,
    issuer: &IssuerId,
    text: &[u8],
    (entropy, now): (&dyn Entropy, Timestamp),
) -> Result<Vec<String>, Fault> {
    let news = people_import::read_file(text).map_err(|why| Fault::Config(why.to_string()))?;
    let mut users = Vec::with_capacity(news.len());
    for new in news {
        let old = store.read().users().find(issuer, new.id()).await?;
        users.push(settled(new, old.as_ref(), issuer, (entropy, now))?);
    }
    store
        .transact(async |tx| {
            for user in &users {
                tx.users().save(user).await?;
                let mut event = operators(issuer, Kind::UserChanged, now);
                event.subject = Some(user.id.clone());
                tx.audit().write(&event).await?;
            }
            Ok(())
        })
        .await?;
    Ok(users.into_iter().map(|user| user.username).collect())
}

fn settled(
    new: NewUser,
    old: Option<&User>,
    issuer: &IssuerId,
    (entropy, now): (&dyn Entropy, Timestamp),
) -> Result<User, Fault> {
    let password = match &new.password {
        Password::Clear(text) => {
            let hashed = hash(text.as_bytes(), entropy);
            (hashed.map_err(|why| Fault::Other(why.to_string()))?, now)
        }
        Password::Hash(hash) => (hash.clone(), now),
        Password::Unchanged => {
            let nobody =
                || Fault::Config(format!("user {} is new: give a password", new.username()));
            let old = old.ok_or_else(nobody)?;
            (old.password.clone(), old.password_changed_at)
        }
    };
    Ok(new.into_user(issuer.clone(), password, now))
}

/// An event of somebody at the command line.
pub(crate) fn operators(issuer: &IssuerId, kind: Kind, now: Timestamp) -> Event {
    Event {
        issuer: issuer.clone(),
        at: now,
        request: None,
        actor: Actor::Operator,
        client: None,
        subject: None,
        patient: None,
        grant: None,
        kind,
        detail: String::new(),
    }
}
