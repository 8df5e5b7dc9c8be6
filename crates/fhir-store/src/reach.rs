//! How far a permit reaches, as SQL, and a second look at what the SQL has let through.

use fireward_fhir::compartment;
use fireward_fhir::{Branch, Reach, Source};
use sea_orm::sea_query::{Cond, Condition, Expr, ExprTrait, IntoCondition, Query, SelectStatement};
use serde_json::Value;

use crate::index::{PATIENT, REFERENCE};
use crate::rows::ANYWHERE;
use crate::sql::{RESOURCE, any_of, existing, meets};

/// Whether a row of `fhir_resource`, of `kind`, is within one of the branches. Without a branch, none is.
pub(crate) fn reaches(branches: &[Branch], kind: &str) -> Condition {
    let everything =
        |branch: &Branch| branch.reach == Reach::Everything && branch.clauses.is_empty();
    if branches.iter().any(everything) {
        return Cond::all();
    }
    any_of(branches.iter().map(|branch| within(branch, kind)))
}

fn within(branch: &Branch, kind: &str) -> Condition {
    let reached = match &branch.reach {
        Reach::Everything => None,
        Reach::Patient(patient) => {
            let record = in_record(patient, [kind]);
            Some(Expr::col((RESOURCE, "number")).in_subquery(record))
        }
        Reach::ReferredTo { patient, by } => {
            let mut ids = referred_to(patient, by, kind);
            ids.column("target");
            Some(Expr::col((RESOURCE, "id")).in_subquery(ids))
        }
        Reach::One(id) => Some(Expr::col((RESOURCE, "id")).eq(id)),
    };
    let demands = branch.clauses.iter().map(|clause| meets(kind, clause));
    demands.fold(Cond::all().add_option(reached), Condition::add)
}

/// The numbers of the resources of these types in the record of a patient.
fn in_record<'a>(patient: &str, kinds: impl IntoIterator<Item = &'a str>) -> SelectStatement {
    let mut record = Query::select();
    record.column("resource").from(PATIENT).and_where(Expr::col("patient").eq(patient));
    record.and_where(Expr::col("type").is_in(kinds));
    record
}

/// The references of a patient's record to resources of a shared type, as far as `by` counts them (D-35).
pub(crate) fn referred_to(patient: &str, by: &[Source], kind: &str) -> SelectStatement {
    let (whole, demanding): (Vec<_>, Vec<_>) = by.iter().partition(|by| by.clauses.is_empty());
    let whole: Vec<_> = whole.iter().map(|source| source.kind).collect();
    let whole = (!whole.is_empty()).then(|| in_record(patient, whole));
    let demanding = demanding.into_iter().map(|source| {
        let mut some = existing(source.kind);
        some.column((RESOURCE, "number"));
        let record = in_record(patient, [source.kind]);
        some.and_where(Expr::col((RESOURCE, "number")).in_subquery(record));
        for clause in &source.clauses {
            some.cond_where(meets(source.kind, clause));
        }
        some
    });
    let counted = whole.into_iter().chain(demanding);
    let counted = counted.map(|some| Expr::col("resource").in_subquery(some).into_condition());
    let mut references = Query::select();
    references.from(REFERENCE).and_where(Expr::col("param").eq(ANYWHERE));
    references.and_where(Expr::col("target_type").eq(kind));
    references.cond_where(any_of(counted));
    references
}

/// The second look, at the resource itself. What only other resources can tell is left to the SQL.
pub(crate) fn holds(branches: &[Branch], resource: &Value) -> bool {
    branches.iter().any(|branch| {
        let reached = match &branch.reach {
            Reach::Everything | Reach::ReferredTo { .. } => true,
            Reach::Patient(patient) => compartment::patients(resource).contains(patient),
            Reach::One(id) => resource.get("id").and_then(Value::as_str) == Some(id),
        };
        reached && branch.clauses.iter().all(|clause| clause.holds(resource))
    })
}
