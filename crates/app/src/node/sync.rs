//! Bringing the database in line with what the configuration says.

use fireward_oauth::{
    IssuerId, ResourceServerId, Timestamp, launch::Style, resource_server::ResourceServer,
};
use fireward_store::Store;

use crate::fault::Fault;

/// Resource servers, as the configuration has them.
pub(super) async fn sync_resource_servers(
    store: &Store,
    issuer: &IssuerId,
    servers: &[ResourceServer],
) -> Result<(), Fault> {
    let known = store.read().resource_servers().list(issuer).await?;
    let wanted = |id: &ResourceServerId| servers.iter().any(|server| server.id == *id);
    let gone: Vec<_> = known.iter().map(|server| &server.id).filter(|id| !wanted(id)).collect();
    let changed: Vec<_> = servers.iter().filter(|server| !known.contains(server)).collect();
    if changed.is_empty() && gone.is_empty() {
        // Most starts: nothing is written, and no other node reads its caches anew.
        return Ok(());
    }
    store
        .transact(async |tx| {
            for server in &changed {
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

/// The operator's style, so that nodes with another configuration, and this one after a change, serve it too (SC-19).
pub(super) async fn keep_style(
    store: &Store,
    issuer: &IssuerId,
    style: &Style,
    now: Timestamp,
) -> Result<(), Fault> {
    if store.read().styles().find(issuer, &style.hash()).await?.is_none() {
        let of = (issuer, style);
        store.transact(async |tx| tx.styles().insert(of, None, now).await).await?;
    }
    Ok(())
}
