//! Writing down what files say of resource servers: the configuration at each start, and registrations besides.

use fireward_oauth::{
    Issuer, IssuerId, ResourceServerId, Timestamp,
    audit::{Actor, Event, Kind},
    resource_server::{
        Provenance, ResourceServer,
        registration::{self, Beside, Registration},
    },
};
use fireward_store::Store;

use crate::fault::Fault;

/// What the configuration says of resource servers.
pub(super) struct Configured<'a> {
    pub(super) issuer: &'a IssuerId,
    pub(super) url: &'a Issuer,
    pub(super) servers: &'a [Registration],
    pub(super) now: Timestamp,
}

/// Resource servers, as the configuration has them; those that were registered besides stay as they are.
pub(super) async fn configure(store: &Store, from: Configured<'_>) -> Result<(), Fault> {
    let Configured { issuer, url, servers, now } = from;
    let known = store.read().resource_servers().list(issuer).await?;
    let registered = |server: &&ResourceServer| server.provenance == Provenance::Registered;
    let besides: Vec<_> = known.iter().filter(registered).cloned().collect();
    let beside =
        Beside { issuer, url: Some(url), known: &besides, provenance: Provenance::Configured };
    let servers = registration::settle(servers.to_vec(), beside)
        .map_err(|why| Fault::Config(format!("[[fhir_server]] {why}")))?;
    let wanted = |id: &ResourceServerId| servers.iter().any(|server| server.id == *id);
    let configured = known.iter().filter(|server| !registered(server));
    let gone: Vec<_> = configured.map(|server| &server.id).filter(|id| !wanted(id)).collect();
    let changed: Vec<_> = servers.iter().filter(|server| !known.contains(server)).collect();
    if changed.is_empty() && gone.is_empty() {
        // Most starts: nothing is written, and no other node reads its caches anew.
        return Ok(());
    }
    store
        .transact(async |tx| {
            // First, because a new one may have the address of one that goes.
            for id in &gone {
                tx.resource_servers().remove(issuer, id, now).await?;
            }
            for server in &changed {
                tx.resource_servers().save(server).await?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// Resource servers from a file; answers their ids.
///
/// # Errors
/// When one of them is wrong: then none is written.
pub(crate) async fn import_resource_servers(
    store: &Store,
    issuer: &IssuerId,
    text: &[u8],
    now: Timestamp,
) -> Result<Vec<String>, Fault> {
    let unfit = |why: registration::Unfit| Fault::Config(why.to_string());
    let news = registration::read_file(text).map_err(unfit)?;
    let known = store.read().resource_servers().list(issuer).await?;
    let url = store.read().issuers().find(issuer).await?;
    let url = url.and_then(|url| Issuer::parse(&url).ok());
    let beside =
        Beside { issuer, url: url.as_ref(), known: &known, provenance: Provenance::Registered };
    let servers = registration::settle(news, beside).map_err(unfit)?;
    for server in &servers {
        introspects(store, server).await?;
    }
    store
        .transact(async |tx| {
            for server in servers.iter().filter(|server| !known.contains(server)) {
                tx.resource_servers().save(server).await?;
                let mut event =
                    Event::new(issuer.clone(), now, Actor::Operator, Kind::ResourceServerChanged);
                event.detail = server.id.to_string();
                tx.audit().write(&event).await?;
            }
            Ok(())
        })
        .await?;
    Ok(servers.into_iter().map(|server| server.id.to_string()).collect())
}

/// The client that a server introspects as must be there, and able to prove itself.
async fn introspects(store: &Store, server: &ResourceServer) -> Result<(), Fault> {
    let Some(id) = &server.introspection_client else { return Ok(()) };
    let client = store.read().clients().find(&server.issuer, id).await?;
    let wrong = match client {
        Some(client) if !client.is_public() => return Ok(()),
        Some(_) => "is a public client, which cannot prove who it is",
        None => "is no client that is registered here: import it first",
    };
    Err(Fault::Config(format!("{}: introspection_client: {id} {wrong}", server.id)))
}
