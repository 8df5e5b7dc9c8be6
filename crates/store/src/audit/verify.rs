//! Whether the chains are as they were written.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::{
    chain::{Link, PAGE, linked},
    entity::{Column, Entity},
};
use crate::{StoreError, table};

/// What following a chain came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The last entry that fits all before it: to be kept elsewhere, for the next time.
    pub head: Head,
    /// Entries that wait for their place in the chain, as those of the last second do.
    pub waiting: u64,
    /// The first place that does not hold what it must.
    pub broken: Option<Break>,
}

/// How far a chain goes: an entry that fits all before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its number in the chain, which is how many there are until it.
    pub seq: i64,
    /// Its digest, which depends on every entry before it.
    pub digest: Vec<u8>,
}

/// A place in a chain that does not hold what it must.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    /// The number in the chain.
    pub seq: i64,
    /// The entry that was found there or next; none where there is no further one.
    pub entry: Option<i64>,
}

pub(super) async fn verify(
    on: &impl ConnectionTrait,
    chain: &str,
    kept: Option<&Head>,
) -> Result<Verified, StoreError> {
    let loose = Entity::find().filter(Column::Node.eq(chain)).filter(Column::Seq.is_null());
    let waiting = loose.count(on).await?;
    let mut link = Link::first();
    loop {
        let next = linked(chain).filter(Column::Seq.gte(link.seq));
        let page = next.order_by_asc(Column::Seq).limit(PAGE).all(on).await?;
        for entry in &page {
            let after = Link::after(entry);
            if !link.fits(entry) || kept.is_some_and(|kept| is_another(kept, &after)) {
                return Ok(link.broken(waiting, Some(entry.id)));
            }
            link = after;
        }
        if page.is_empty() {
            let lost = kept.is_some_and(|kept| kept.seq >= link.seq);
            return Ok(if lost { link.broken(waiting, None) } else { link.good(waiting) });
        }
    }
}

/// Whether the entry before this place is not the one that was there when its digest was kept.
fn is_another(kept: &Head, after: &Link) -> bool {
    kept.seq.saturating_add(1) == after.seq && kept.digest != after.digest
}

impl Link {
    fn broken(self, waiting: u64, entry: Option<i64>) -> Verified {
        let broken = Some(Break { seq: self.seq, entry });
        Verified { broken, ..self.good(waiting) }
    }

    fn good(self, waiting: u64) -> Verified {
        let head = Head { seq: self.seq.saturating_sub(1), digest: self.digest };
        Verified { head, waiting, broken: None }
    }
}

/// The names of all chains: from each to the next in the index, however many entries lie between.
pub(super) async fn names(on: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let mut names: Vec<String> = Vec::new();
    loop {
        let mut next = Entity::find().select_only().column(Column::Node);
        if let Some(last) = names.last() {
            next = next.filter(Column::Node.gt(last));
        }
        let next = next.order_by_asc(Column::Node).limit(1).into_tuple().all(on).await?;
        match table::only(next) {
            Some(name) => names.push(name),
            None => return Ok(names),
        }
    }
}
