//! What was granted. Ending a grant is a conditional write, so it ends once, for one reason.

pub(crate) mod entity;
pub(crate) mod rows;

use fireward_oauth::{
    ClientId, Digest, GrantId, IssuerId, Jti, Lifetime, ResourceServerId, SessionToken, Timestamp,
    UserId,
    grants::{Grant, GrantEnd},
    people::User,
};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _, UpdateMany,
    sea_query::{Expr, ExprTrait as _},
};

use self::entity::{Column, Entity};
use crate::{StoreError, Tx, accessors::Source, columns, revoked_tokens, table, users};

/// What is looked for among grants.
#[derive(Debug, Clone)]
pub struct Search {
    /// At which issuer.
    pub issuer: IssuerId,
    /// Of which client.
    pub client: Option<ClientId>,
    /// Of whom.
    pub subject: Option<UserId>,
    /// How many at most.
    pub most: u64,
}

/// What was granted.
pub struct Grants<'a, A>(pub(crate) &'a A);

impl<A: Source> Grants<'_, A> {
    /// The grant of that id, live or not.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn find(&self, issuer: &IssuerId, id: &GrantId) -> Result<Option<Grant>, StoreError> {
        let row = Entity::find_by_id((issuer.to_string(), id.to_string()));
        table::only(row.all(self.0.connection()).await?).map(rows::grant).transpose()
    }

    /// The grant of an access token and whose it is, live or not; nothing if that one token was revoked.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn find_of_token(
        &self,
        issuer: &IssuerId,
        id: &GrantId,
        token: &Jti,
    ) -> Result<Option<(Grant, Option<User>)>, StoreError> {
        let row = Entity::find_by_id((issuer.to_string(), id.to_string()))
            .filter(Expr::exists(revoked_tokens::row(issuer, token).into_query()).not())
            .find_also_related(users::entity::Entity);
        let Some((grant, user)) = table::only(row.all(self.0.connection()).await?) else {
            return Ok(None);
        };
        Ok(Some((rows::grant(grant)?, user.map(users::rows::user).transpose()?)))
    }

    /// The grants that a person gave to a client and that have not been ended, newest first.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn find_by_client_and_user(
        &self,
        issuer: &IssuerId,
        client: &ClientId,
        user: &UserId,
    ) -> Result<Vec<Grant>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::Client.eq(client.as_str()))
            .filter(Column::Subject.eq(user.as_str()))
            .filter(Column::Ended.is_null())
            .order_by_desc(Column::CreatedAt);
        rows.all(self.0.connection()).await?.into_iter().map(rows::grant).collect()
    }

    /// Grants, live or not, the newest first.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn search(&self, search: &Search) -> Result<Vec<Grant>, StoreError> {
        let mut rows = Entity::find().filter(Column::Issuer.eq(search.issuer.as_str()));
        let client = search.client.as_ref().map(|id| (Column::Client, id.as_str()));
        let subject = search.subject.as_ref().map(|id| (Column::Subject, id.as_str()));
        for (column, id) in client.into_iter().chain(subject) {
            rows = rows.filter(column.eq(id));
        }
        let rows = rows.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
        let rows = rows.limit(search.most).all(self.0.connection()).await?;
        rows.into_iter().map(rows::grant).collect()
    }

    /// The grants of a person that count now, newest first: their connected apps.
    ///
    /// # Errors
    /// When the database fails or a row does not add up.
    pub async fn list_live_for_user(
        &self,
        issuer: &IssuerId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Vec<Grant>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::Subject.eq(user.as_str()))
            .filter(Column::Ended.is_null())
            .filter(Column::Until.gt(now.unix()))
            .order_by_desc(Column::CreatedAt);
        rows.all(self.0.connection()).await?.into_iter().map(rows::grant).collect()
    }
}

impl Grants<'_, Tx> {
    /// Keeps a new grant. A `status_index` that another grant has is [`StoreError::Raced`]: draw it within the body.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert(&self, grant: &Grant) -> Result<(), StoreError> {
        table::insert::<Entity>(self.0, rows::row(grant)).await
    }

    /// Ends a grant; whether it was not ended before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(
        &self,
        issuer: &IssuerId,
        id: &GrantId,
        end: GrantEnd,
    ) -> Result<bool, StoreError> {
        let one = ending(issuer, end).filter(Column::Id.eq(id.as_str()));
        Ok(one.exec(&self.0.transaction).await?.rows_affected > 0)
    }

    /// Ends every grant of a person, with and without offline access; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_all_for_user(
        &self,
        issuer: &IssuerId,
        user: &UserId,
        end: GrantEnd,
    ) -> Result<u64, StoreError> {
        let theirs = ending(issuer, end).filter(Column::Subject.eq(user.as_str()));
        Ok(theirs.exec(&self.0.transaction).await?.rows_affected)
    }

    /// Ends every grant that was to end with this session; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_for_session(
        &self,
        issuer: &IssuerId,
        session: &Digest<SessionToken>,
        end: GrantEnd,
    ) -> Result<u64, StoreError> {
        let bound = ending(issuer, end).filter(Column::Session.eq(columns::octets(session)));
        Ok(bound.exec(&self.0.transaction).await?.rows_affected)
    }

    /// Ends every grant of a client; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_for_client(
        &self,
        issuer: &IssuerId,
        client: &ClientId,
        end: GrantEnd,
    ) -> Result<u64, StoreError> {
        let theirs = ending(issuer, end).filter(Column::Client.eq(client.as_str()));
        Ok(theirs.exec(&self.0.transaction).await?.rows_affected)
    }

    /// Ends every grant that counts at a resource server; how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_for_resource_server(
        &self,
        issuer: &IssuerId,
        server: &ResourceServerId,
        end: GrantEnd,
    ) -> Result<u64, StoreError> {
        let there = ending(issuer, end).filter(Column::ResourceServer.eq(server.as_str()));
        Ok(there.exec(&self.0.transaction).await?.rows_affected)
    }

    /// Lets the grants of one session go on with the one that took its place.
    pub(crate) async fn follow(
        &self,
        issuer: &IssuerId,
        from: &Digest<SessionToken>,
        to: &Digest<SessionToken>,
    ) -> Result<(), StoreError> {
        let bound = Entity::update_many()
            .filter(Column::Issuer.eq(issuer.as_str()))
            .filter(Column::Session.eq(columns::octets(from)))
            .col_expr(Column::Session, Expr::value(columns::octets(to)));
        bound.exec(&self.0.transaction).await?;
        Ok(())
    }

    /// Remembers that a token was made of the grant, to the hour: most calls write nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch(&self, grant: &Grant, now: Timestamp) -> Result<(), StoreError> {
        if now.since(grant.last_used) < Lifetime::hours(1) {
            return Ok(());
        }
        let one = Entity::update_many()
            .filter(Column::Issuer.eq(grant.issuer.as_str()))
            .filter(Column::Id.eq(grant.id.as_str()))
            .col_expr(Column::LastUsed, Expr::value(now.unix()));
        one.exec(&self.0.transaction).await?;
        Ok(())
    }
}

/// The write that ends those grants of the issuer that have not ended yet.
fn ending(issuer: &IssuerId, end: GrantEnd) -> UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::Issuer.eq(issuer.as_str()))
        .filter(Column::Ended.is_null())
        .col_expr(Column::Ended, Expr::value(end.as_str()))
        .col_expr(Column::EndedAt, Expr::value(end.at().unix()))
        .col_expr(Column::ForgetAt, Expr::value(rows::forget_at(end.at())))
}
