//! The rows of resources and of their earlier versions.

pub(crate) mod resource {
    //! The current version of a resource.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fhir_resource")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) number: i64,
        #[sea_orm(column_name = "type")]
        pub(crate) kind: String,
        pub(crate) id: String,
        pub(crate) version: i64,
        pub(crate) last_updated: i64,
        pub(crate) deleted: bool,
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod version {
    //! A version of a resource that has a successor.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fhir_version")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) resource: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) version: i64,
        pub(crate) last_updated: i64,
        pub(crate) deleted: bool,
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
