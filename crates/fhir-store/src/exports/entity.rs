//! The rows of exports and of their files.

pub(super) mod export {
    //! One export.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fhir_export")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub(crate) number: i64,
        pub(crate) id: String,
        pub(crate) client: String,
        pub(crate) scope: String,
        pub(crate) bound_to: Option<String>,
        pub(crate) request: String,
        pub(crate) asked: String,
        pub(crate) transaction_time: i64,
        pub(crate) state: String,
        pub(crate) fault: Option<String>,
        pub(crate) at_part: i64,
        pub(crate) at_number: i64,
        pub(crate) found: i64,
        pub(crate) tries: i64,
        pub(crate) worker: Option<String>,
        pub(crate) leased_until: i64,
        pub(crate) expires_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod file {
    //! One file of an export.

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fhir_export_file")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) export: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) file: i64,
        pub(crate) list: String,
        #[sea_orm(column_name = "type")]
        pub(crate) kind: String,
        pub(crate) count: i64,
        pub(crate) content: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
