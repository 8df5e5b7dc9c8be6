//! One person.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) issuer: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) username: String,
    pub(crate) username_folded: String,
    pub(crate) name: String,
    pub(crate) password: String,
    pub(crate) fhir_user: Option<String>,
    pub(crate) records: Option<String>,
    pub(crate) links: Option<String>,
    pub(crate) admin: bool,
    pub(crate) email: Option<String>,
    pub(crate) status: String,
    pub(crate) password_changed_at: i64,
    pub(crate) updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
