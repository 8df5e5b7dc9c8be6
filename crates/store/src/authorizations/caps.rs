//! Bounds on what people who have not signed in can make us keep (attack Z4).

use fireward_oauth::{Timestamp, authorize::Authorization};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
    sea_query::{Expr, Func, Query},
};

use super::{
    entity::{Column, Entity},
    rows,
};
use crate::{StoreError, Tx, shared::lock};

/// How many open authorizations there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// From one address; the oldest make room. A clinic may have one address for all its people.
    pub per_address: u32,
    /// In all; when there are so many, no more are kept.
    pub in_all: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self { per_address: 1_000, in_all: 100_000 }
    }
}

/// Whether an open authorization was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// It was.
    Kept,
    /// There are too many: `temporarily_unavailable`.
    Full,
}

/// Makes room for one more of this address, if there is room for more at all.
pub(super) async fn room(
    tx: &Tx,
    authorization: &Authorization,
    caps: Caps,
) -> Result<bool, StoreError> {
    if in_all(tx, authorization, caps).await? >= caps.in_all.into() {
        return Ok(false);
    }
    let too_many: Vec<String> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Issuer.eq(authorization.issuer.as_str()))
        .filter(Column::Stage.eq(rows::OPEN))
        .filter(Column::Address.eq(authorization.address.as_str()))
        .order_by_desc(Column::CreatedAt)
        .offset(u64::from(caps.per_address.saturating_sub(1)))
        .limit(EVICTED)
        .into_tuple()
        .all(&tx.transaction)
        .await?;
    if !too_many.is_empty() {
        let oldest = Entity::delete_many()
            .filter(Column::Issuer.eq(authorization.issuer.as_str()))
            .filter(Column::Id.is_in(too_many));
        oldest.exec(&tx.transaction).await?;
    }
    Ok(true)
}

/// How many are open, this one included. Counted once a second; in between, those opened here are added.
async fn in_all(tx: &Tx, authorization: &Authorization, caps: Caps) -> Result<u64, StoreError> {
    let (issuer, now) = (&authorization.issuer, authorization.created_at);
    if let Some((at, count)) = lock(&tx.shared.open).get_mut(issuer)
        && *at == now
    {
        *count += 1;
        return Ok(*count - 1);
    }
    let open = Entity::find()
        .select_only()
        .column(Column::Stage)
        .filter(Column::Issuer.eq(issuer.as_str()))
        .filter(Column::Stage.eq(rows::OPEN))
        .limit(u64::from(caps.in_all));
    let mut count = Query::select();
    count.expr_as(Func::count(Expr::val(1)), "open").from_subquery(open.into_query(), "open");
    let row = tx.transaction.query_one(&count).await?.ok_or(StoreError::Raced)?;
    let count = u64::try_from(row.try_get::<i64>("", "open")?).unwrap_or_default();
    let counted: (Timestamp, u64) = (now, count + 1);
    lock(&tx.shared.open).insert(issuer.clone(), counted);
    Ok(count)
}

/// How many make room at most for one that comes.
const EVICTED: u64 = 10;
