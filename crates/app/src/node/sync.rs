//! Bringing the database in line with what the configuration says.

use fireward_oauth::{IssuerId, Timestamp, launch::Style};
use fireward_store::Store;

use crate::fault::Fault;

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
