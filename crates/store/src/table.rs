//! Writing whole rows: the few statements that every table shares.

use sea_orm::{
    ActiveModelTrait as _, EntityTrait, IdenStatic as _, Insert, IntoActiveModel, Iterable,
    PrimaryKeyToColumn, sea_query::OnConflict,
};

use crate::{StoreError, Tx};

/// Inserts a row; a row with its key already there is [`StoreError::Raced`].
pub(crate) async fn insert<E>(tx: &Tx, row: E::Model) -> Result<(), StoreError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    whole::<E>(row).exec_without_returning(&tx.transaction).await?;
    Ok(())
}

/// Inserts a row unless one with its key is there; whether it did.
pub(crate) async fn insert_new<E>(tx: &Tx, row: E::Model) -> Result<bool, StoreError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let nothing = OnConflict::new().do_nothing().to_owned();
    let written =
        whole::<E>(row).on_conflict(nothing).exec_without_returning(&tx.transaction).await?;
    Ok(written > 0)
}

/// Inserts a row, or overwrites the one with its key.
pub(crate) async fn save<E>(tx: &Tx, row: E::Model) -> Result<(), StoreError>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let key: Vec<String> = keys::<E>().map(|column| column.as_str().to_owned()).collect();
    let others = E::Column::iter().filter(|column| !key.contains(&column.as_str().to_owned()));
    let overwrite = OnConflict::columns(keys::<E>()).update_columns(others).to_owned();
    whole::<E>(row).on_conflict(overwrite).exec_without_returning(&tx.transaction).await?;
    Ok(())
}

/// The row of a whole key, of which there is one or none.
///
/// Not the library's own `one`, which binds a limit: SQLite compiles a statement again each time its limit is bound.
pub(crate) fn only<T>(rows: Vec<T>) -> Option<T> {
    rows.into_iter().next()
}

/// Cuts a list into pieces of a few sizes, for statements about several rows: each size is a statement of its own, which
/// the driver and PostgreSQL keep prepared.
pub(crate) fn batches<T>(mut rest: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rest.len())?;
        let (batch, others) = rest.split_at_checked(size)?;
        rest = others;
        Some(batch)
    })
}

/// How many rows a statement is about, the greatest first.
const SIZES: [usize; 3] = [64, 8, 1];

fn keys<E: EntityTrait>() -> impl Iterator<Item = E::Column> {
    E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column)
}

fn whole<E>(row: E::Model) -> Insert<E::ActiveModel>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    E::insert(row.into_active_model().reset_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_leave_nothing_out_and_have_few_sizes() {
        for count in [0, 1, 7, 8, 63, 64, 200, 500] {
            let all: Vec<_> = (0..count).collect();
            assert_eq!(batches(&all).flatten().copied().collect::<Vec<_>>(), all);
            assert!(batches(&all).all(|batch| SIZES.contains(&batch.len())));
        }
    }
}
