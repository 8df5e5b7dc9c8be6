//! Access tokens of servers that want them opaque: what each stands for, by its digest. Ending a grant or revoking a `jti`
//! counts for them as for any other.

pub(crate) mod entity;

use fireward_oauth::{Digest, IssuerId, OpaqueToken, token::AccessClaims};
use sea_orm::EntityTrait as _;

use self::entity::{Entity, Model};
use crate::{
    StoreError, Tx,
    accessors::Source,
    columns::{self, Row},
    table,
};

/// Opaque access tokens.
pub struct OpaqueTokens<'a, A>(pub(crate) &'a A);

impl<A: Source> OpaqueTokens<'_, A> {
    /// What a token stands for, expired or not.
    ///
    /// # Errors
    /// When the database fails or the row does not add up.
    pub async fn find(
        &self,
        issuer: &IssuerId,
        token: &Digest<OpaqueToken>,
    ) -> Result<Option<AccessClaims>, StoreError> {
        let row = Entity::find_by_id((issuer.to_string(), columns::octets(token)));
        let row = table::only(row.all(self.0.connection()).await?);
        let read = |row: Model| {
            let key = columns::short(&row.digest);
            Row::of("opaque_tokens", &key).json("claims", &row.claims)
        };
        row.map(read).transpose()
    }
}

impl OpaqueTokens<'_, Tx> {
    /// Keeps what a new token stands for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert(
        &self,
        issuer: &IssuerId,
        token: &Digest<OpaqueToken>,
        claims: &AccessClaims,
    ) -> Result<(), StoreError> {
        let row = Model {
            issuer: issuer.to_string(),
            digest: columns::octets(token),
            claims: columns::json(claims),
            expires_at: claims.exp.0,
        };
        table::insert::<Entity>(self.0, row).await
    }
}
