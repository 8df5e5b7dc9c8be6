//! Whether a permit reaches one version of one resource.

use fireward_fhir::{Permit, Reach, Whose, compartment};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait};
use serde_json::Value;

use crate::error::RecordsError;
use crate::index::REFERENCE;
use crate::reach::{members, referred_to};
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
        if branch.demands(&resource) && by_others(db, &branch.reach, stored, &resource).await? {
            return Ok(());
        }
    }
    Err(RecordsError::Missing)
}

/// Whether a reach includes the resource because of what only other resources say.
async fn by_others<C: ConnectionTrait>(
    db: &C,
    reach: &Reach,
    stored: &Stored,
    resource: &Value,
) -> Result<bool, RecordsError> {
    match reach {
        Reach::ReferredTo { whose, by } => {
            let mut references = referred_to(whose, by, &stored.kind);
            references.expr(Expr::val(1)).limit(1);
            references.and_where(Expr::col((REFERENCE, "target")).eq(stored.id.as_str()));
            Ok(db.query_one(&references).await?.is_some())
        }
        Reach::Record(Whose::Members(group)) => has_member(db, group, resource).await,
        // These the resource tells itself.
        Reach::Everything | Reach::Record(_) | Reach::One(_) => Ok(false),
    }
}

/// Whether a resource is in the record of a member of the group.
pub(crate) async fn has_member<C: ConnectionTrait>(
    db: &C,
    group: &str,
    resource: &Value,
) -> Result<bool, RecordsError> {
    let patients = compartment::patients(resource);
    if patients.is_empty() {
        return Ok(false);
    }
    let mut members = members(group);
    members.and_where(Expr::col("target").is_in(patients)).limit(1);
    Ok(db.query_one(&members).await?.is_some())
}
