//! Explanations of refusals, each for an hour under an id that nobody guesses.
//!
//! Whoever fails on purpose must not fill the database: a node keeps a few a minute, fewer still of one address.

pub(crate) mod entity;
mod queue;
mod rows;

use fireward_oauth::{ExplanationId, IssuerId, explain::Explanation};
use sea_orm::EntityTrait as _;

use self::entity::Entity;
pub(crate) use self::queue::Waiting;
use crate::{StoreError, Tx, accessors::Source, table};

/// Explanations of refusals.
pub struct Explanations<'a, A>(pub(crate) &'a A);

impl<A: Source> Explanations<'_, A> {
    /// The explanation of that id, whether or not it has expired.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn find(
        &self,
        issuer: &IssuerId,
        id: &ExplanationId,
    ) -> Result<Option<Explanation>, StoreError> {
        let row = Entity::find_by_id((issuer.to_string(), id.to_string()));
        table::only(row.all(self.0.connection()).await?).map(rows::explanation).transpose()
    }
}

impl Explanations<'_, Tx> {
    /// Keeps an explanation. One that is there already stays as it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert(&self, explanation: &Explanation) -> Result<(), StoreError> {
        table::insert_new::<Entity>(self.0, rows::row(explanation)).await?;
        Ok(())
    }
}
