//! One family of refresh tokens: the newest and the one before it.

use sea_orm::entity::prelude::*;

use crate::grants::entity as grants;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_families")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) issuer: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) name: Vec<u8>,
    pub(crate) grant_id: String,
    pub(crate) client: String,
    pub(crate) generation: i64,
    pub(crate) current: Vec<u8>,
    pub(crate) previous: Option<Vec<u8>>,
    pub(crate) sealed_successor: Option<Vec<u8>>,
    pub(crate) replaced_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl Related<grants::Entity> for Entity {
    fn to() -> RelationDef {
        Self::belongs_to(grants::Entity)
            .from((Column::Issuer, Column::GrantId))
            .to((grants::Column::Issuer, grants::Column::Id))
            .into()
    }
}

impl ActiveModelBehavior for ActiveModel {}
