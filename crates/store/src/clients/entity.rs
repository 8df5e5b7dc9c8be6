//! One registered client.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clients")]
#[expect(clippy::struct_excessive_bools, reason = "a row has the columns that there are")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) issuer: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) profile: String,
    pub(crate) auth_method: String,
    pub(crate) secrets: Option<Vec<u8>>,
    pub(crate) jwks: Option<String>,
    pub(crate) jwks_uri: Option<String>,
    pub(crate) auth_alg: Option<String>,
    pub(crate) redirect_uris: String,
    pub(crate) post_logout_redirect_uris: String,
    pub(crate) launch_uris: String,
    pub(crate) grant_types: String,
    pub(crate) scopes: String,
    pub(crate) consent: String,
    pub(crate) authorization_alg: Option<String>,
    pub(crate) request_object_alg: Option<String>,
    pub(crate) require_request_object: bool,
    pub(crate) require_pushed: bool,
    pub(crate) id_token_alg: String,
    pub(crate) omit_iss: bool,
    pub(crate) access_token_lifetime: Option<i64>,
    pub(crate) fireward_group: Option<String>,
    pub(crate) name: String,
    pub(crate) publisher: Option<String>,
    pub(crate) reviewed: bool,
    pub(crate) client_uri: Option<String>,
    pub(crate) logo_uri: Option<String>,
    pub(crate) policy_uri: Option<String>,
    pub(crate) tos_uri: Option<String>,
    pub(crate) status: String,
    pub(crate) updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
