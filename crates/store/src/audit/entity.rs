//! One entry of the audit log.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) node: String,
    pub(crate) seq: Option<i64>,
    pub(crate) prev_digest: Option<Vec<u8>>,
    pub(crate) issuer: String,
    pub(crate) at: i64,
    pub(crate) request: Option<String>,
    pub(crate) actor_kind: String,
    pub(crate) actor: String,
    pub(crate) client: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) patient: Option<String>,
    pub(crate) grant_id: Option<String>,
    pub(crate) kind: String,
    pub(crate) detail: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
