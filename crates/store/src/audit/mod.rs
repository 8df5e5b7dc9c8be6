//! The audit log: events of a state change in its transaction, plain token issues together within a second.
//!
//! Each node chains its entries: an entry holds the digest of the one before it, so that whoever changes or removes
//! an old one must rewrite all that follow. Links are added by [`Store::flush_audit`], a second after writing at
//! most, since transactions that run at once would otherwise wait for one another. A chain is its node's name, not
//! its process: a node that starts again goes on with it, processes of one name share it, and what a node wrote in
//! the second before it died is linked by a chore of any other within two minutes.
//!
//! [`Store::flush_audit`]: crate::Store::flush_audit

mod chain;
mod delivery;
pub(crate) mod entity;
mod queue;
mod rows;
mod verify;

use fireward_oauth::{
    ClientId, GrantId, IssuerId, Timestamp, UserId,
    audit::{Event, Kind},
};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use self::entity::{Column, Entity};
pub use self::{
    delivery::Undelivered,
    verify::{Break, Head, Verified},
};
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
    /// Of these kinds; of any where not given.
    pub kinds: Option<Vec<Kind>>,
    /// At this moment or later.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
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
        Self {
            issuer,
            subject: None,
            client: None,
            patient: None,
            grant: None,
            kinds: None,
            since: None,
            until: None,
            before: None,
            most,
        }
    }

    fn condition(&self) -> Condition {
        let is = |column: Column, text: Option<&str>| text.map(|text| column.eq(text));
        let kinds = |kinds: &Vec<Kind>| Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str()));
        Condition::all()
            .add(Column::Issuer.eq(self.issuer.as_str()))
            .add_option(is(Column::Subject, self.subject.as_ref().map(UserId::as_str)))
            .add_option(is(Column::Client, self.client.as_ref().map(ClientId::as_str)))
            .add_option(is(Column::Patient, self.patient.as_deref()))
            .add_option(is(Column::GrantId, self.grant.as_ref().map(GrantId::as_str)))
            .add_option(self.kinds.as_ref().map(kinds))
            .add_option(self.since.map(|since| Column::At.gte(since.unix())))
            .add_option(self.until.map(|until| Column::At.lt(until.unix())))
            .add_option(self.before.map(|before| Column::Id.lt(before)))
    }
}

impl<A: Source> Audit<'_, A> {
    /// Finds entries, the newest first.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn search(&self, search: &Search) -> Result<Vec<Entry>, StoreError> {
        let rows = Entity::find().filter(search.condition());
        let rows = rows.order_by_desc(Column::Id).limit(search.most);
        rows.all(self.0.connection()).await?.into_iter().map(rows::entry).collect()
    }

    /// The names of all chains, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chains(&self) -> Result<Vec<String>, StoreError> {
        verify::names(self.0.connection()).await
    }

    /// Follows a chain from its first entry to its last, or to the first that does not fit. With a head that was
    /// kept from an earlier time, the chain must still go through it: only so is it noticed that the newest entries
    /// were removed, or that all were written anew.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify(&self, chain: &str, kept: Option<&Head>) -> Result<Verified, StoreError> {
        verify::verify(self.0.connection(), chain, kept).await
    }

    /// Whether a node has written something before `then` that is not in its chain.
    async fn was_left_behind(&self, node: &str, then: Timestamp) -> Result<bool, StoreError> {
        let loose = Entity::find().filter(Column::Node.eq(node)).filter(Column::Seq.is_null());
        let old = loose.filter(Column::At.lt(then.unix())).limit(1);
        Ok(!old.all(self.0.connection()).await?.is_empty())
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
