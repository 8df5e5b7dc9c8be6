//! Short names for what the tables are made of.

use sea_orm_migration::prelude::*;
pub(super) use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, text, text_null,
};

/// Octets: a digest, or something sealed.
pub(super) fn octets(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().not_null().to_owned()
}

/// Octets, or none.
pub(super) fn octets_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().null().to_owned()
}

/// A table of these columns with this primary key.
pub(super) fn table(
    name: &'static str,
    key: &[&'static str],
    columns: impl IntoIterator<Item = ColumnDef>,
) -> TableCreateStatement {
    let mut table = Table::create().table(name).to_owned();
    for column in columns {
        table.col(column);
    }
    let mut primary = Index::create();
    for column in key {
        primary.col(*column);
    }
    table.primary_key(&mut primary).to_owned()
}

/// An index, named after its table and what it is for.
pub(super) fn index(
    table: &'static str,
    purpose: &str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    let mut index = Index::create().name(format!("{table}_{purpose}")).table(table).to_owned();
    for column in columns {
        index.col(*column);
    }
    index
}

/// An index in which no two rows are alike.
pub(super) fn unique(
    table: &'static str,
    purpose: &str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    index(table, purpose, columns).unique().to_owned()
}

/// Creates a table and its indexes.
pub(super) async fn create<const N: usize>(
    manager: &SchemaManager<'_>,
    table: TableCreateStatement,
    indexes: [IndexCreateStatement; N],
) -> Result<(), DbErr> {
    manager.create_table(table).await?;
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// Drops tables in this order.
pub(super) async fn drop_all(
    manager: &SchemaManager<'_>,
    tables: &[&'static str],
) -> Result<(), DbErr> {
    for table in tables {
        manager.drop_table(Table::drop().table(*table).to_owned()).await?;
    }
    Ok(())
}
