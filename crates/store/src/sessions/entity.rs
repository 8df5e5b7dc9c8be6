//! One signed-in browser.

use sea_orm::entity::prelude::*;

use crate::users::entity as users;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) issuer: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) sid: String,
    pub(crate) user_id: String,
    pub(crate) auth_time: i64,
    pub(crate) amr: String,
    pub(crate) last_seen: i64,
    pub(crate) expires_at: i64,
    pub(crate) device: String,
    pub(crate) address: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl Related<users::Entity> for Entity {
    fn to() -> RelationDef {
        Self::belongs_to(users::Entity)
            .from((Column::Issuer, Column::UserId))
            .to((users::Column::Issuer, users::Column::Id))
            .into()
    }
}

impl ActiveModelBehavior for ActiveModel {}
