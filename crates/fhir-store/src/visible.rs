//! Whether a permit reaches one version of one resource.

use fireward_fhir::{Permit, Reach};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait};

use crate::error::RecordsError;
use crate::reach::referred_to;
use crate::stored::Stored;

/// `Missing` where the permit does not reach the version: as if there were no such resource (D-36).
pub(crate) async fn visible<C: ConnectionTrait>(
    db: &C,
    permit: &Permit,
    stored: &Stored,
) -> Result<(), RecordsError> {
    let resource = stored.resource()?;
    if permit.allows(&resource) {
        return Ok(());
    }
    if permit.kind() != stored.kind {
        return Err(RecordsError::Missing);
    }
    for branch in permit.branches() {
        let Reach::ReferredTo { patient, by } = &branch.reach else { continue };
        if !branch.clauses.iter().all(|clause| clause.holds(&resource)) {
            continue;
        }
        let mut references = referred_to(patient, by, &stored.kind);
        references.expr(Expr::val(1)).limit(1);
        references.and_where(Expr::col("target").eq(stored.id.as_str()));
        if db.query_one(&references).await?.is_some() {
            return Ok(());
        }
    }
    Err(RecordsError::Missing)
}
