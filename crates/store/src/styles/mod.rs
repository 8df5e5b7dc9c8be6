//! Styles that launches may name, by what they hold: a name, once given, stands for the same style for ever.

pub(crate) mod entity;

use fireward_oauth::{ClientId, IssuerId, Timestamp, launch::Style};
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};

use self::entity::{Column, Entity, Model};
use crate::{StoreError, Tx, accessors::Source, columns::Row, table};

/// Styles that launches may name.
pub struct Styles<'a, A>(pub(crate) &'a A);

impl<A: Source> Styles<'_, A> {
    /// The style of this name, whoever registered it.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn find(&self, issuer: &IssuerId, hash: &str) -> Result<Option<Style>, StoreError> {
        let rows =
            Entity::find().filter(Column::Issuer.eq(issuer.as_str())).filter(Column::Hash.eq(hash));
        table::only(rows.all(self.0.connection()).await?).as_ref().map(style).transpose()
    }

    /// How many styles an EHR has registered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self, issuer: &IssuerId, ehr: &ClientId) -> Result<u64, StoreError> {
        let own = Entity::find()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::RegisteredBy.eq(ehr.as_str()));
        Ok(own.count(self.0.connection()).await?)
    }
}

impl Styles<'_, Tx> {
    /// Keeps a style, of an EHR or of the operator; whether it was not there before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert(
        &self,
        (issuer, style): (&IssuerId, &Style),
        ehr: Option<&ClientId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = Model {
            issuer: issuer.to_string(),
            hash: style.hash(),
            registered_by: ehr.map(ToString::to_string).unwrap_or_default(),
            body: style.body(),
            created_at: now.unix(),
        };
        table::insert_new::<Entity>(self.0, row).await
    }

    /// Takes back a style that an EHR has registered; whether it had.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove(
        &self,
        issuer: &IssuerId,
        hash: &str,
        ehr: &ClientId,
    ) -> Result<bool, StoreError> {
        let own = Entity::delete_many()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::Hash.eq(hash))
            .filter(Column::RegisteredBy.eq(ehr.as_str()));
        Ok(own.exec(&self.0.transaction).await?.rows_affected > 0)
    }
}

fn style(model: &Model) -> Result<Style, StoreError> {
    let at = Row::of("styles", &model.hash);
    let body = at.json("body", &model.body)?;
    at.is("body", Style::from_json(&body))
}
