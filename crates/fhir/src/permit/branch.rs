//! One way in which a scope opens a type: how far it reaches, and what it demands.

use fireward_scopes::{Clinical, Level, Permissions};
use serde_json::Value;

use super::{Denial, usual_level};
use crate::access::{Access, UserReach};
use crate::compartment::{self, Belonging};
use crate::definitions;
use crate::reference::{Reference, refers_to};
use crate::search::{self, Clause};

/// Resources within some reach that meet every clause of a granular scope. Several branches unite.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// Whose resources.
    pub reach: Reach,
    /// What they must meet (SC-7).
    pub clauses: Vec<Clause>,
}

/// Whose resources a branch is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Reach {
    /// Anyone's.
    Everything,
    /// Those in the record of the patient with this id, see [`crate::compartment`].
    Patient(String),
    /// Those of a shared type that the patient's record refers to (D-35).
    ReferredTo {
        /// The id of the patient.
        patient: String,
        /// From which resources of the record.
        by: Vec<Source>,
    },
    /// The one with this id: the signed-in user's own resource.
    One(String),
}

/// Resources of a patient's record that the token may see, and whose references count.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The type.
    pub kind: &'static str,
    /// What they must meet.
    pub clauses: Vec<Clause>,
}

/// What a resource is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    See,
    Create,
    Change,
}

/// The ways in which a token opens a type for one permission. None, but no denial either, where it
/// has a scope for the type that reaches nothing.
pub(super) fn of(
    access: &Access,
    kind: &'static str,
    needs: Permissions,
    purpose: Purpose,
) -> Result<Vec<Branch>, Denial> {
    let scopes: Vec<_> = granting(access, kind, needs).collect();
    if scopes.is_empty() {
        return Err(Denial::NoScope { level: usual_level(access), kind, needs });
    }
    let opened: Vec<_> = scopes.iter().map(|scope| open(access, scope, kind, purpose)).collect();
    if let (false, Some(Err(denial))) = (opened.iter().any(Result::is_ok), opened.last()) {
        return Err(denial.clone());
    }
    let branches: Vec<_> = opened.into_iter().filter_map(Result::ok).flatten().collect();
    if branches.is_empty() && purpose == Purpose::Create {
        return Err(Denial::NotInContext { kind });
    }
    Ok(branches)
}

/// What one scope opens of a type; nothing, if it reaches no resource of it.
fn open(
    access: &Access,
    scope: &Clinical,
    kind: &'static str,
    purpose: Purpose,
) -> Result<Option<Branch>, Denial> {
    let bound = bound(access, scope.level())?;
    let clauses = clauses(scope, kind).ok_or(Denial::UnusableConstraint { kind })?;
    Ok(reach(access, kind, &bound, purpose).map(|reach| Branch { reach, clauses }))
}

impl Branch {
    /// The resource of the signed-in user.
    pub(super) fn own(id: String) -> Self {
        Self { reach: Reach::One(id), clauses: Vec::new() }
    }

    pub(super) fn allows(&self, resource: &Value) -> bool {
        let reached = match &self.reach {
            Reach::Everything => true,
            Reach::Patient(patient) => compartment::patients(resource).contains(patient),
            Reach::One(id) => resource.get("id").and_then(Value::as_str) == Some(id),
            Reach::ReferredTo { .. } => false,
        };
        reached && self.demands(resource)
    }

    pub(super) fn allows_through(&self, resource: &Value, referrer: &Value) -> bool {
        let Reach::ReferredTo { patient, by } = &self.reach else { return false };
        let kind = referrer.get("resourceType").and_then(Value::as_str);
        let source = |source: &Source| {
            Some(source.kind) == kind && source.clauses.iter().all(|clause| clause.holds(referrer))
        };
        compartment::patients(referrer).contains(patient)
            && by.iter().any(source)
            && identity(resource).is_some_and(|target| refers_to(referrer, &target))
            && self.demands(resource)
    }

    /// A Provenance belongs to the record that it tells the origin of, unless it names a patient itself: an app of
    /// theirs may have written it, and would put it into the record of somebody else.
    pub(super) fn allows_about(&self, resource: &Value, matched: &Value) -> bool {
        let Reach::Patient(patient) = &self.reach else { return false };
        let targets = resource.get("target").filter(|_| is(resource, "Provenance"));
        compartment::patients(matched).contains(patient)
            && compartment::patients(resource).is_empty()
            && identity(matched).zip(targets).is_some_and(|(one, all)| refers_to(all, &one))
            && self.demands(resource)
    }

    pub(super) fn allows_written(&self, resource: &Value) -> bool {
        let confined = match &self.reach {
            // A resource in two records would be written into that of a stranger as well.
            Reach::Patient(_) => compartment::patients(resource).len() == 1,
            Reach::Everything | Reach::ReferredTo { .. } | Reach::One(_) => true,
        };
        confined && self.allows(resource)
    }

    fn demands(&self, resource: &Value) -> bool {
        self.clauses.iter().all(|clause| clause.holds(resource))
    }
}

/// How far a level reaches, before the type is looked at.
enum Bound {
    Everything,
    Patient(String),
}

fn bound(access: &Access, level: Level) -> Result<Bound, Denial> {
    match level {
        Level::System => Ok(Bound::Everything),
        Level::Patient => {
            access.patient().map(|id| Bound::Patient(id.to_owned())).ok_or(Denial::NoPatient)
        }
        Level::User => match access.user_reach() {
            UserReach::Everything => Ok(Bound::Everything),
            UserReach::Patient(id) => Ok(Bound::Patient(id)),
            UserReach::Nothing => Err(Denial::UnknownUser),
        },
    }
}

fn reach(access: &Access, kind: &str, bound: &Bound, purpose: Purpose) -> Option<Reach> {
    let Bound::Patient(patient) = bound else { return Some(Reach::Everything) };
    let in_record = || Some(Reach::Patient(patient.clone()));
    match compartment::belonging(kind) {
        Belonging::Reference => in_record(),
        // What is created has no id yet, so a new Patient is never the one in context.
        Belonging::Itself => in_record().filter(|_| purpose != Purpose::Create),
        Belonging::Shared if purpose == Purpose::See => {
            Some(Reach::ReferredTo { patient: patient.clone(), by: sources(access, patient) })
        }
        Belonging::Shared | Belonging::Nobody => None,
    }
}

/// The resources of a patient's record that the token may see.
fn sources(access: &Access, patient: &str) -> Vec<Source> {
    let seen = [Permissions::READ, Permissions::SEARCH];
    let records = definitions::types().iter().filter(|kind| {
        matches!(compartment::belonging(kind), Belonging::Itself | Belonging::Reference)
    });
    let mut sources = Vec::new();
    for kind in records {
        let scopes = access.scopes().clinical().filter(|scope| {
            scope.applies_to(kind) && seen.iter().any(|one| scope.permissions().contains(*one))
        });
        let reaching = scopes.filter(|scope| match bound(access, scope.level()) {
            Ok(Bound::Everything) => true,
            Ok(Bound::Patient(id)) => id == patient,
            Err(_) => false,
        });
        let clauses = reaching.filter_map(|scope| clauses(scope, kind));
        sources.extend(clauses.map(|clauses| Source { kind, clauses }));
    }
    sources
}

fn granting<'a>(
    access: &'a Access,
    kind: &str,
    needs: Permissions,
) -> impl Iterator<Item = &'a Clinical> {
    let scopes = access.scopes().clinical();
    scopes.filter(move |scope| scope.applies_to(kind) && scope.permissions().contains(needs))
}

/// The constraint of a scope as clauses on one type. A constraint that cannot be enforced gives
/// nothing: `None`.
fn clauses(scope: &Clinical, kind: &'static str) -> Option<Vec<Clause>> {
    let pairs = scope.constraint().into_iter().flat_map(fireward_scopes::Constraint::pairs);
    pairs.map(|(name, value)| search::clause(kind, name, value, "").ok()).collect()
}

fn identity(resource: &Value) -> Option<Reference> {
    let text = |name: &str| resource.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Reference { kind: text("resourceType")?, id: text("id")? })
}

fn is(resource: &Value, kind: &str) -> bool {
    resource.get("resourceType").and_then(Value::as_str) == Some(kind)
}
