//! The audit log: events of a state change in its transaction, plain token issues together within a second.
//!
//! Each node chains its entries: an entry holds the digest of the one before it, so that whoever changes or removes
//! an old one must rewrite all that follow. Links are added by [`Store::flush_audit`], a second after writing at
//! most, since transactions that run at once would otherwise wait for one another.
//!
//! [`Store::flush_audit`]: crate::Store::flush_audit

mod chain;
pub(crate) mod entity;
mod queue;
mod rows;

use fireward_oauth::{ClientId, GrantId, IssuerId, UserId, audit::Event};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use self::entity::{Column, Entity};
use crate::{StoreError, Tx, accessors::Source, table};

/// The audit log.
pub struct Audit<'a, A>(pub(crate) &'a A);

/// What is looked for in the audit log; the newest first.
#[derive(Debug, Clone)]
pub struct Search {
    /// At which issuer.
    pub issuer: IssuerId,
    /// About which user.
    pub subject: Option<UserId>,
    /// About which client.
    pub client: Option<ClientId>,
    /// About which patient's record.
    pub patient: Option<String>,
    /// About which grant.
    pub grant: Option<GrantId>,
    /// Older than the entry of this number, for the next page.
    pub before: Option<i64>,
    /// How many at most.
    pub most: u64,
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, newer entries have greater ones.
    pub id: i64,
    /// The node that wrote it.
    pub node: String,
    /// Its place in the node's chain, once it has one.
    pub seq: Option<i64>,
    /// What happened.
    pub event: Event,
}

impl Search {
    /// The newest entries of an issuer.
    #[must_use]
    pub const fn newest(issuer: IssuerId, most: u64) -> Self {
        Self { issuer, subject: None, client: None, patient: None, grant: None, before: None, most }
    }
}

impl<A: Source> Audit<'_, A> {
    /// Finds entries, the newest first.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn search(&self, search: &Search) -> Result<Vec<Entry>, StoreError> {
        let mut rows = Entity::find().filter(Column::Issuer.eq(search.issuer.as_str()));
        let texts = [
            (Column::Subject, search.subject.as_ref().map(UserId::as_str)),
            (Column::Client, search.client.as_ref().map(ClientId::as_str)),
            (Column::Patient, search.patient.as_deref()),
            (Column::GrantId, search.grant.as_ref().map(GrantId::as_str)),
        ];
        for (column, text) in texts {
            if let Some(text) = text {
                rows = rows.filter(column.eq(text));
            }
        }
        if let Some(before) = search.before {
            rows = rows.filter(Column::Id.lt(before));
        }
        let rows = rows.order_by_desc(Column::Id).limit(search.most);
        rows.all(self.0.connection()).await?.into_iter().map(rows::entry).collect()
    }

    /// The number of the first entry of a node's chain that does not follow from the one before it, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn first_break(&self, node: &str) -> Result<Option<i64>, StoreError> {
        chain::first_break(self.0.connection(), node).await
    }
}

impl Audit<'_, Tx> {
    /// Writes an event down, with what it is about.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn write(&self, event: &Event) -> Result<(), StoreError> {
        self.write_all(std::slice::from_ref(event)).await
    }

    async fn write_all(&self, events: &[Event]) -> Result<(), StoreError> {
        let node = self.0.shared.node.as_str();
        for batch in table::batches(events) {
            let rows = batch.iter().map(|event| rows::row(node, event));
            Entity::insert_many(rows).exec_without_returning(&self.0.transaction).await?;
        }
        Ok(())
    }
}
