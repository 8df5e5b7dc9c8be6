//! Sweeping: what each chore deletes, a batch a transaction, so that no request waits long behind it.

use fireward_oauth::{Lifetime, Timestamp};
use sea_orm::{
    ConnectionTrait as _, ExprTrait as _,
    sea_query::{DeleteStatement, Expr, Query},
};

use super::Chore;
use crate::{Store, StoreError};

/// Whose rows are of no use once a moment of theirs has passed.
pub(super) struct Target {
    table: &'static str,
    key: &'static [&'static str],
    moment: &'static str,
    /// How long a row is kept after that moment.
    kept: Lifetime,
}

pub(super) async fn sweep(
    store: &Store,
    target: &Target,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let delete = delete(target, now);
    let mut swept = 0;
    for _ in 0..BATCHES {
        let batch = store
            .transact(async |tx| Ok(tx.transaction.execute(&delete).await?.rows_affected()))
            .await?;
        swept += batch;
        if batch < BATCH {
            break;
        }
    }
    Ok(swept)
}

/// What a chore sweeps; nothing, if it is another kind of work.
pub(super) fn target(chore: Chore) -> Option<Target> {
    const SOON: Lifetime = Lifetime::seconds(0);
    let (table, key, moment, kept): (_, &[_], _, _) = match chore {
        Chore::Authorizations => ("authorizations", &["issuer", "id"], "forget_at", SOON),
        Chore::Grants => ("grants", &["issuer", "id"], "forget_at", SOON),
        Chore::Sessions => ("sessions", &["issuer", "digest"], "expires_at", SOON),
        Chore::Consents => {
            let key = &["issuer", "user_id", "client", "resource_server", "patient"];
            ("record_consents", key, "until", SOON)
        }
        // For a while, so that people are told that a launch was used or has expired, not that it is unknown.
        Chore::Launches => ("launches", &["issuer", "digest"], "expires_at", Lifetime::hours(1)),
        Chore::Explanations => ("explanations", &["issuer", "id"], "expires_at", SOON),
        Chore::Assertions => ("assertions", &["issuer", "client", "jti"], "until", SOON),
        Chore::Failures => ("failures", &["issuer", "kind", "key"], "until", SOON),
        Chore::OpaqueTokens => ("opaque_tokens", &["issuer", "digest"], "expires_at", SOON),
        Chore::RevokedTokens => ("revoked_tokens", &["issuer", "jti"], "until", SOON),
        Chore::AuditChains => return None,
    };
    Some(Target { table, key, moment, kept })
}

fn delete(target: &Target, now: Timestamp) -> DeleteStatement {
    let mut useless = Query::select();
    useless.columns(target.key.iter().copied()).from(target.table).limit(BATCH);
    useless.and_where(Expr::col(target.moment).lt(now.minus(target.kept).unix()));
    let key = Expr::tuple(target.key.iter().map(|column| Expr::col(*column)));
    let mut delete = Query::delete();
    delete.from_table(target.table).and_where(key.in_subquery(useless));
    delete
}

/// How many rows at a time.
const BATCH: u64 = 500;

/// How many batches at most; what is left is swept next time.
const BATCHES: u32 = 40;
