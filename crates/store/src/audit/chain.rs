//! The chain of a node's entries.

use fireward_jose::backend::digest;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
    sea_query::{
        Expr, ExprTrait as _, IntoIden as _, IntoValueTuple, Query, TableRef, UpdateStatement,
    },
};
use serde_json::json;

use super::{
    Audit,
    entity::{Column, Entity, Model},
};
use crate::{StoreError, Tx, table};

impl Audit<'_, Tx> {
    /// Links the entries of this node that are not yet in its chain, and answers them; a page at most.
    ///
    /// Two processes under one node's name would give two entries one number; the unique index lets one of them run
    /// again.
    pub(super) async fn link(&self) -> Result<Vec<Model>, StoreError> {
        let (on, node) = (&self.0.transaction, self.0.shared.node.as_str());
        let newest = linked(node).order_by_desc(Column::Seq).limit(1).one(on).await?;
        let mut link = newest.map_or_else(Link::first, |newest| Link::after(&newest));
        let loose = Entity::find()
            .filter(Column::Node.eq(node))
            .filter(Column::Seq.is_null())
            .order_by_asc(Column::Id)
            .limit(PAGE);
        let mut loose = loose.all(on).await?;
        let mut links = Vec::with_capacity(loose.len());
        for entry in &mut loose {
            entry.seq = Some(link.seq);
            entry.prev_digest = Some(link.digest.clone());
            let next = Link::after(entry);
            links.push((entry.id, link.seq, link.digest));
            link = next;
        }
        for batch in table::batches(&links) {
            on.execute(&linking(batch)).await?;
        }
        Ok(loose)
    }
}

/// The write that gives entries their place in the chain: number, place, and the digest of the one before.
fn linking(links: &[(i64, i64, Vec<u8>)]) -> UpdateStatement {
    let link = |column: &'static str| Expr::col(("links", column));
    // Both databases name the columns of a list of values so.
    let (id, seq, before) = (link("column1"), link("column2"), link("column3"));
    let mut update = Query::update();
    let rows = links.iter().cloned().map(IntoValueTuple::into_value_tuple).collect();
    update.table(Entity).from(TableRef::ValuesList(rows, "links".into_iden()));
    update.value(Column::Seq, seq).value(Column::PrevDigest, before);
    update.and_where(Expr::col((Entity, Column::Id)).eq(id));
    update
}

/// Follows a node's chain to the first entry that does not fit.
pub(super) async fn first_break(
    on: &impl ConnectionTrait,
    node: &str,
) -> Result<Option<i64>, StoreError> {
    let mut link = Link::first();
    loop {
        let page = linked(node)
            .filter(Column::Seq.gte(link.seq))
            .order_by_asc(Column::Seq)
            .limit(PAGE)
            .all(on)
            .await?;
        for entry in &page {
            if entry.seq != Some(link.seq) || entry.prev_digest.as_ref() != Some(&link.digest) {
                return Ok(Some(entry.id));
            }
            link = Link::after(entry);
        }
        if page.is_empty() {
            return Ok(None);
        }
    }
}

/// The place after an entry: what the next one must say.
struct Link {
    seq: i64,
    digest: Vec<u8>,
}

impl Link {
    fn first() -> Self {
        Self { seq: 1, digest: vec![0; 32] }
    }

    fn after(entry: &Model) -> Self {
        Self { seq: entry.seq.unwrap_or_default().saturating_add(1), digest: digest_of(entry) }
    }
}

/// The SHA-256 of every column, in this order, as a JSON array.
fn digest_of(entry: &Model) -> Vec<u8> {
    let Model {
        id,
        node,
        seq,
        prev_digest,
        issuer,
        at,
        request,
        actor_kind,
        actor,
        client,
        subject,
        patient,
        grant_id,
        kind,
        detail,
    } = entry;
    let whole = json!([
        id,
        node,
        seq,
        prev_digest,
        issuer,
        at,
        request,
        actor_kind,
        actor,
        client,
        subject,
        patient,
        grant_id,
        kind,
        detail
    ]);
    digest::digest(&digest::SHA256, whole.to_string().as_bytes()).as_ref().to_vec()
}

fn linked(node: &str) -> Select<Entity> {
    Entity::find().filter(Column::Node.eq(node)).filter(Column::Seq.is_not_null())
}

/// How many entries at a time.
pub(super) const PAGE: u64 = 500;
