//! One state.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fhir_app_state")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) system: String,
    pub(crate) code: String,
    pub(crate) subject: String,
    pub(crate) version: i64,
    pub(crate) last_updated: i64,
    pub(crate) sealed: Vec<u8>,
    pub(crate) octets: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
