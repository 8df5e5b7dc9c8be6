//! One resource server.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resource_servers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) issuer: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) base_url: String,
    pub(crate) audience: String,
    pub(crate) token_format: String,
    pub(crate) token_alg: Option<String>,
    pub(crate) scopes: String,
    pub(crate) introspection_client: Option<String>,
    pub(crate) patient_namespace: String,
    pub(crate) address: Option<String>,
    pub(crate) access_token_lifetime: Option<i64>,
    pub(crate) home: bool,
    pub(crate) related_persons: bool,
    pub(crate) fhir_versions: Option<String>,
    pub(crate) associated_endpoints: Option<String>,
    pub(crate) provenance: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
