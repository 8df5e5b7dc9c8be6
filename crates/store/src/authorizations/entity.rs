//! One authorization request, and its code.

use sea_orm::entity::prelude::*;

use crate::grants::entity as grants;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "authorizations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) issuer: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) browser: Vec<u8>,
    pub(crate) pushed: Option<Vec<u8>>,
    pub(crate) client: String,
    pub(crate) redirect_uri: String,
    pub(crate) redirect_uri_sent: bool,
    pub(crate) state: Option<String>,
    pub(crate) omit_iss: bool,
    pub(crate) response_mode: Option<String>,
    pub(crate) asked: String,
    pub(crate) allowed: String,
    pub(crate) dropped: String,
    pub(crate) resource_server: Option<String>,
    pub(crate) launch: Option<Vec<u8>>,
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) prompt: String,
    pub(crate) max_age: Option<i64>,
    pub(crate) login_hint: Option<String>,
    pub(crate) id_token_hint: Option<String>,
    pub(crate) ui_locales: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) address: String,
    pub(crate) stage: String,
    pub(crate) patient: Option<String>,
    pub(crate) picks: Option<String>,
    pub(crate) account_confirmed: bool,
    pub(crate) choice: Option<String>,
    pub(crate) code: Option<Vec<u8>>,
    pub(crate) grant_id: Option<String>,
    pub(crate) code_expires_at: Option<i64>,
    pub(crate) code_redeemed_at: Option<i64>,
    pub(crate) forget_at: i64,
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
