//! Linking a node's entries into its chain.

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
    /// Links the entries of a node that are not yet in its chain, and answers them; a page at most.
    ///
    /// Anybody may: of two that link at once, one finds an entry linked already or its number taken, and runs again.
    pub(super) async fn link(&self, node: &str) -> Result<Vec<Model>, StoreError> {
        let on = &self.0.transaction;
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
            let written = on.execute(&linking(batch)).await?.rows_affected();
            if written != batch.len() as u64 {
                return Err(StoreError::Raced);
            }
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
    update.and_where(Expr::col((Entity, Column::Seq)).is_null());
    update
}

/// The place after an entry: what the next one must say.
pub(super) struct Link {
    pub(super) seq: i64,
    /// The digest of the entry before it.
    pub(super) digest: Vec<u8>,
}

impl Link {
    pub(super) fn first() -> Self {
        Self { seq: 1, digest: vec![0; 32] }
    }

    pub(super) fn after(entry: &Model) -> Self {
        Self { seq: entry.seq.unwrap_or_default().saturating_add(1), digest: digest_of(entry) }
    }

    /// Whether an entry stands in this place.
    pub(super) fn fits(&self, entry: &Model) -> bool {
        entry.seq == Some(self.seq) && entry.prev_digest.as_ref() == Some(&self.digest)
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

pub(super) fn linked(node: &str) -> Select<Entity> {
    Entity::find().filter(Column::Node.eq(node)).filter(Column::Seq.is_not_null())
}

/// How many entries at a time.
pub(super) const PAGE: u64 = 500;
