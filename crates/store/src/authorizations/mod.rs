//! Authorization requests on their way, and the codes that they end in.
//!
//! Every step is a conditional write on the stage before it: of any number of requests at once, one gets through.
//! The others are [`StoreError::Raced`], run again, and decide on what is there then.

mod caps;
pub(crate) mod entity;
mod rows;

use fireward_oauth::{
    AuthorizationId, Code, Digest, IssuerId, Timestamp,
    authorize::{Approved, Authorization, Stage},
    grants::authorization_code::CodeGrant,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, UpdateMany, sea_query::Expr};

pub use self::caps::{Caps, Opened};
use self::entity::{Column, Entity};
use crate::{StoreError, Tx, accessors::Source, columns, table};

/// Authorization requests and their codes.
pub struct Authorizations<'a, A>(pub(crate) &'a A);

impl<A: Source> Authorizations<'_, A> {
    /// The authorization of that id, however far it has come.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn find(
        &self,
        issuer: &IssuerId,
        id: &AuthorizationId,
    ) -> Result<Option<Authorization>, StoreError> {
        let row = Entity::find_by_id((issuer.to_string(), id.to_string()));
        table::only(row.all(self.0.connection()).await?).map(rows::authorization).transpose()
    }

    /// What a code stands for, spent or not.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn find_code(
        &self,
        issuer: &IssuerId,
        code: &Digest<Code>,
    ) -> Result<Option<CodeGrant>, StoreError> {
        let found = Entity::find()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::Code.eq(columns::octets(code)))
            .find_also_related(crate::grants::entity::Entity);
        let found = table::only(found.all(self.0.connection()).await?);
        found.map(|(row, grant)| rows::code_grant(row, grant)).transpose()
    }
}

impl Authorizations<'_, Tx> {
    /// Keeps a request that a person has still to decide, within the caps on what nobody has signed in for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open(
        &self,
        authorization: &Authorization,
        caps: Caps,
    ) -> Result<Opened, StoreError> {
        if !caps::room(self.0, authorization, caps).await? {
            return Ok(Opened::Full);
        }
        table::insert::<Entity>(self.0, rows::row(authorization)).await?;
        Ok(Opened::Kept)
    }

    /// Writes down what was chosen, while the person has still to decide.
    ///
    /// # Errors
    /// [`StoreError::Raced`] when the authorization is not open any more; and when the database fails.
    pub async fn update(&self, authorization: &Authorization) -> Result<(), StoreError> {
        let Stage::Open { patient, picks, account_confirmed, choice } = &authorization.stage else {
            return Err(StoreError::Raced);
        };
        let update = while_open(authorization)
            .col_expr(Column::Browser, Expr::value(columns::octets(&authorization.browser)))
            .col_expr(Column::Patient, Expr::value(patient.clone()))
            .col_expr(Column::Picks, Expr::value(rows::picks_column(picks)))
            .col_expr(Column::AccountConfirmed, Expr::value(*account_confirmed))
            .col_expr(Column::Choice, Expr::value(choice.as_ref().map(rows::choice_column)));
        self.settle(update).await
    }

    /// Binds a pushed request to the browser that came with it.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub async fn take_up(&self, authorization: &Authorization) -> Result<(), StoreError> {
        self.update(authorization).await?;
        let times = while_open(authorization)
            .col_expr(Column::CreatedAt, Expr::value(authorization.created_at.unix()))
            .col_expr(Column::ExpiresAt, Expr::value(authorization.expires_at.unix()))
            .col_expr(Column::ForgetAt, Expr::value(authorization.expires_at.unix()));
        self.settle(times).await
    }

    /// Open -> Approved, with everything that hangs on it: grant, consent, and the launch that is consumed.
    ///
    /// # Errors
    /// [`StoreError::Raced`] when the authorization is not open any more, or its launch was claimed; and when the
    /// database fails.
    pub async fn approve(
        &self,
        authorization: &Authorization,
        approved: &Approved,
    ) -> Result<(), StoreError> {
        let code = columns::octets(&approved.code.digest());
        let update = while_open(authorization)
            .col_expr(Column::Stage, Expr::value(rows::APPROVED))
            .col_expr(Column::Code, Expr::value(code))
            .col_expr(Column::GrantId, Expr::value(approved.grant.id.as_str()))
            .col_expr(Column::CodeExpiresAt, Expr::value(approved.code_expires_at.unix()))
            .col_expr(Column::ForgetAt, Expr::value(rows::forget_code(approved.code_expires_at)));
        self.settle(update).await?;
        self.settle_approved(authorization, approved).await
    }

    /// Keeps a request that needs nobody's decision, born Approved.
    ///
    /// # Errors
    /// [`StoreError::Raced`] when its launch was claimed; and when the database fails.
    pub async fn insert_approved(
        &self,
        authorization: &Authorization,
        approved: &Approved,
    ) -> Result<(), StoreError> {
        let row = rows::approved_row(authorization, approved);
        table::insert::<Entity>(self.0, row).await?;
        self.settle_approved(authorization, approved).await
    }

    /// Open -> Denied.
    ///
    /// # Errors
    /// [`StoreError::Raced`] when the authorization is not open any more; and when the database fails.
    pub async fn deny(&self, authorization: &Authorization) -> Result<(), StoreError> {
        let denied = while_open(authorization).col_expr(Column::Stage, Expr::value(rows::DENIED));
        self.settle(denied).await
    }

    /// Spends a code.
    ///
    /// # Errors
    /// [`StoreError::Raced`] when it was spent in the meantime; and when the database fails.
    pub async fn redeem(&self, code: &CodeGrant, now: Timestamp) -> Result<(), StoreError> {
        // The gate: without the condition, two requests that both found the code live would both get tokens.
        let spent = Entity::update_many()
            .filter(Column::Issuer.eq(code.grant.issuer.as_str()))
            .filter(Column::Id.eq(code.authorization.as_str()))
            .filter(Column::CodeRedeemedAt.is_null())
            .col_expr(Column::CodeRedeemedAt, Expr::value(now.unix()));
        self.settle(spent).await
    }

    async fn settle_approved(
        &self,
        authorization: &Authorization,
        approved: &Approved,
    ) -> Result<(), StoreError> {
        self.0.grants().insert(&approved.grant).await?;
        if let Some(consent) = &approved.consent {
            self.0.consents().save(consent).await?;
        }
        if let Some(launch) = &approved.claims {
            self.0.launches().claim(&authorization.issuer, launch, &authorization.id).await?;
        }
        Ok(())
    }

    async fn settle(&self, update: UpdateMany<Entity>) -> Result<(), StoreError> {
        match update.exec(&self.0.transaction).await?.rows_affected {
            0 => Err(StoreError::Raced),
            _ => Ok(()),
        }
    }
}

fn while_open(authorization: &Authorization) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::Issuer.eq(authorization.issuer.as_str()))
        .filter(Column::Id.eq(authorization.id.as_str()))
        .filter(Column::Stage.eq(rows::OPEN))
}
