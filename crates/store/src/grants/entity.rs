//! One grant.

use sea_orm::entity::prelude::*;

use crate::users::entity as users;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grants")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) issuer: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) client: String,
    pub(crate) resource_server: Option<String>,
    pub(crate) asked: String,
    pub(crate) granted: String,
    pub(crate) dropped: String,
    pub(crate) context: String,
    pub(crate) session: Option<Vec<u8>>,
    pub(crate) auth_time: i64,
    pub(crate) amr: String,
    pub(crate) sid: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) until: i64,
    pub(crate) last_used: i64,
    pub(crate) status_index: i64,
    pub(crate) ended: Option<String>,
    pub(crate) ended_at: Option<i64>,
    pub(crate) forget_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl Related<users::Entity> for Entity {
    fn to() -> RelationDef {
        Self::belongs_to(users::Entity)
            .from((Column::Issuer, Column::Subject))
            .to((users::Column::Issuer, users::Column::Id))
            .into()
    }
}

impl ActiveModelBehavior for ActiveModel {}
