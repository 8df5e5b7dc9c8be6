//! What a person allowed a client at a resource server, for one record.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record_consents")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) issuer: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) client: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) resource_server: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) patient: String,
    pub(crate) asked: String,
    pub(crate) granted: String,
    pub(crate) until: i64,
    pub(crate) given_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
