//! `jti` of client assertions that were used (SMART 2.2 client-confidential-asymmetric, RFC 7523 §3).

pub(crate) mod entity;

use fireward_oauth::{ClientId, Digest, IssuerId, Timestamp};

use self::entity::{Entity, Model};
use crate::{StoreError, Tx, columns, table};

/// `jti` of client assertions that were used.
pub struct Assertions<'a, A>(pub(crate) &'a A);

impl Assertions<'_, Tx> {
    /// Remembers a client's `jti`; false if it was used before, so that the assertion is a replay.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remember<T>(
        &self,
        issuer: &IssuerId,
        client: &ClientId,
        jti: &Digest<T>,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = Model {
            issuer: issuer.to_string(),
            client: client.to_string(),
            jti: columns::octets(jti),
            until: until.unix(),
        };
        table::insert_new::<Entity>(self.0, row).await
    }
}
