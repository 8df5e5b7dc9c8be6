//! How far a permit reaches, as SQL, and a second look at what the SQL has let through.

use fireward_fhir::search::Clause;
use fireward_fhir::{Branch, Except, Reach, Source, Whose};
use sea_orm::sea_query::{Cond, Condition, Expr, ExprTrait, IntoCondition, Query, SelectStatement};
use serde_json::Value;

use crate::index::{PATIENT, REFERENCE};
use crate::rows::{ANYWHERE, MEMBERSHIP};
use crate::sql::{Column, RESOURCE, any_of, checks, existing, meets, own_column};

/// Whether a row of `fhir_resource`, of `kind`, is within one of the branches. Without a branch, none is.
pub(crate) fn reaches(branches: &[Branch], kind: &str) -> Condition {
    let everything = |branch: &Branch| {
        branch.reach == Reach::Everything && branch.clauses.is_empty() && branch.except.is_empty()
    };
    if branches.iter().any(everything) {
        return Cond::all();
    }
    any_of(branches.iter().map(|branch| within(branch, kind)))
}

/// The patient to whose record all branches are confined, if they are.
pub(crate) fn confined(branches: &[Branch]) -> Option<&str> {
    let first = branches.first().and_then(patient)?;
    branches.iter().all(|branch| patient(branch) == Some(first)).then_some(first)
}

fn patient(branch: &Branch) -> Option<&str> {
    match &branch.reach {
        Reach::Record(Whose::Patient(patient)) => Some(patient),
        Reach::Everything | Reach::Record(_) | Reach::ReferredTo { .. } | Reach::One(_) => None,
    }
}

/// Whether the resource with the number in a column meets what one of the branches demands, wherever they reach.
pub(crate) fn demanded(branches: &[Branch], number: Column) -> Condition {
    if branches.iter().any(|branch| branch.clauses.is_empty()) {
        return Cond::all();
    }
    any_of(branches.iter().map(|branch| {
        branch.clauses.iter().fold(Cond::all(), |all, clause| {
            let own = clause.param.is_own_column();
            all.add(if own { own_column(clause) } else { checks(clause, number) })
        })
    }))
}

fn within(branch: &Branch, kind: &str) -> Condition {
    let reached = match &branch.reach {
        Reach::Everything => None,
        Reach::Record(whose) => Some(in_record((RESOURCE, "number"), whose, &[kind])),
        Reach::ReferredTo { whose, by } => Some(referred_to_by(whose, by, kind)),
        Reach::One(id) => Some(Expr::col((RESOURCE, "id")).eq(id).into_condition()),
    };
    Cond::all().add_option(reached).add(demands(kind, &branch.clauses, &branch.except))
}

/// Whether a row of `fhir_resource`, of `kind`, meets every clause and is none of the exceptions.
pub(crate) fn demands(kind: &str, clauses: &[Clause], except: &[Except]) -> Condition {
    let kept = except.iter().map(|except| taken(kind, except).not());
    clauses.iter().map(meets).chain(kept).fold(Cond::all(), Condition::add)
}

/// [`Except::takes`], in SQL.
fn taken(kind: &str, except: &Except) -> Condition {
    let all = |clauses: &[Clause]| clauses.iter().map(meets).fold(Cond::all(), Condition::add);
    let theirs = except.whose.as_ref().map(|patients| {
        let mut records = Query::select();
        records.column((PATIENT, "resource")).from(PATIENT);
        records.and_where(Expr::col((PATIENT, "type")).eq(kind));
        records.and_where(Expr::col((PATIENT, "patient")).is_in(patients));
        Expr::col((RESOURCE, "number")).in_subquery(records).into_condition()
    });
    let taken = Cond::all().add_option(theirs).add(all(&except.clauses));
    if except.unless.is_empty() {
        return taken;
    }
    taken.add(any_of(except.unless.iter().map(|clauses| all(clauses))).not())
}

/// Whether a row of `fhir_resource`, of a shared type, is one that the record refers to (D-35).
pub(crate) fn referred_to_by(whose: &Whose, by: &[Source], kind: &str) -> Condition {
    let mut references = referred_to(whose, by, kind);
    match whose {
        Whose::Patient(_) => {
            references.column("target");
            Expr::col((RESOURCE, "id")).in_subquery(references).into_condition()
        }
        // Of so many records it is quicker to ask for each resource whether one refers to it.
        Whose::Members(_) | Whose::Anyone => {
            references.expr(Expr::val(1));
            references.and_where(Expr::col((REFERENCE, "target")).equals((RESOURCE, "id")));
            Expr::exists(references).into_condition()
        }
    }
}

/// Whether the resource whose number is in this column is in the record, and of one of these types.
pub(crate) fn in_record(
    number: (&'static str, &'static str),
    whose: &Whose,
    kinds: &[&str],
) -> Condition {
    let mut record = Query::select();
    record.from(PATIENT).and_where(Expr::col((PATIENT, "type")).is_in(kinds.iter().copied()));
    if let Whose::Patient(patient) = whose {
        record.column((PATIENT, "resource")).and_where(Expr::col((PATIENT, "patient")).eq(patient));
        return Expr::col(number).in_subquery(record).into_condition();
    }
    record.expr(Expr::val(1)).and_where(Expr::col((PATIENT, "resource")).equals(number));
    if let Whose::Members(group) = whose {
        let mut members = members(group);
        members.and_where(Expr::col((MEMBER, "target")).equals((PATIENT, "patient")));
        record.and_where(Expr::exists(members));
    }
    Expr::exists(record).into_condition()
}

/// The members of a group as it is now, as rows of which `target` is a patient's id.
pub(crate) fn members(group: &str) -> SelectStatement {
    let mut number = Query::select();
    number.column((GROUP, "number")).from_as(RESOURCE, GROUP);
    number.and_where(Expr::col((GROUP, "type")).eq("Group"));
    number.and_where(Expr::col((GROUP, "id")).eq(group));
    number.and_where(Expr::col((GROUP, "deleted")).eq(false));
    let mut members = Query::select();
    members.expr(Expr::val(1)).from_as(REFERENCE, MEMBER);
    members.and_where(Expr::col((MEMBER, "type")).eq("Group"));
    members.and_where(Expr::col((MEMBER, "param")).eq(MEMBERSHIP));
    members.and_where(Expr::col((MEMBER, "target_type")).eq("Patient"));
    members.and_where(Expr::col((MEMBER, "resource")).in_subquery(number));
    members
}

/// The references of a record to resources of a shared type, as far as `by` counts them (D-35).
pub(crate) fn referred_to(whose: &Whose, by: &[Source], kind: &str) -> SelectStatement {
    const REFERRER: (&str, &str) = (REFERENCE, "resource");
    let (plain, demanding): (Vec<_>, Vec<_>) =
        by.iter().partition(|by| by.clauses.is_empty() && by.except.is_empty());
    let plain: Vec<_> = plain.iter().map(|source| source.kind).collect();
    let plain = (!plain.is_empty()).then(|| in_record(REFERRER, whose, &plain));
    let demanding = demanding.into_iter().map(|source| {
        let mut some = existing(source.kind);
        some.expr(Expr::val(1));
        some.and_where(Expr::col((RESOURCE, "number")).equals(REFERRER));
        some.cond_where(demands(source.kind, &source.clauses, &source.except));
        in_record(REFERRER, whose, &[source.kind]).add(Expr::exists(some))
    });
    let counted = plain.into_iter().chain(demanding);
    let mut references = Query::select();
    references.from(REFERENCE).and_where(Expr::col((REFERENCE, "param")).eq(ANYWHERE));
    references.and_where(Expr::col((REFERENCE, "target_type")).eq(kind));
    references.cond_where(any_of(counted));
    references
}

/// The second look, at the resource itself. What only other resources can tell is left to the SQL.
pub(crate) fn holds(branches: &[Branch], resource: &Value) -> bool {
    branches.iter().any(|branch| {
        let reached = match &branch.reach {
            Reach::Everything | Reach::ReferredTo { .. } => true,
            Reach::Record(whose) => whose.perhaps(resource),
            Reach::One(id) => resource.get("id").and_then(Value::as_str) == Some(id),
        };
        reached && branch.demands(resource)
    })
}

const GROUP: &str = "cohort";
const MEMBER: &str = "membership";
