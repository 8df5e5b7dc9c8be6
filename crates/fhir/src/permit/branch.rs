//! One way in which a scope opens a type: how far it reaches, and what it demands.

use fireward_scopes::{Clinical, Level, Permissions};
use serde_json::Value;

use super::{Denial, Except, usual_level};
use crate::access::{Access, UserReach};
use crate::audit::AUDIT_EVENT;
use crate::compartment::{self, Belonging};
use crate::definitions;
use crate::policy::{Act, Narrowed, Rules};
use crate::reference::{Reference, refers_to};
use crate::search::{self, Clause};

/// Resources within some reach that meet every clause of a granular scope. Several branches unite.
#[derive(Debug, Clone)]
pub struct Branch {
    /// Whose resources.
    pub reach: Reach,
    /// What they must meet (SC-7).
    pub clauses: Vec<Clause>,
    /// What is left out all the same.
    pub except: Vec<Except>,
    /// The scope that opens them, as the token has it.
    pub scope: String,
}

/// Two branches are alike when they open the same, whichever scopes do.
impl PartialEq for Branch {
    fn eq(&self, other: &Self) -> bool {
        self.reach == other.reach && self.clauses == other.clauses && self.except == other.except
    }
}

/// Whose resources a branch is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Reach {
    /// Anyone's.
    Everything,
    /// Those in a record, see [`crate::compartment`].
    Record(Whose),
    /// Those of a shared type that a record refers to (D-35).
    ReferredTo {
        /// The record.
        whose: Whose,
        /// From which resources of the record.
        by: Vec<Source>,
    },
    /// The one with this id: the signed-in user's own resource, or the group that a token is bound to.
    One(String),
}

/// Whose record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Of the patient with this id.
    Patient(String),
    /// Of every member of the group with this id, as the group is at the moment; of nobody where it does not exist.
    Members(String),
    /// Of every patient.
    Anyone,
}

/// Resources of a record that the token may see, and whose references count.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The type.
    pub kind: &'static str,
    /// What they must meet.
    pub clauses: Vec<Clause>,
    /// What is left out all the same.
    pub except: Vec<Except>,
}

/// Who asks, under which rules.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) access: &'a Access,
    pub(super) rules: &'a Rules,
    pub(super) act: Act,
}

impl Asker<'_> {
    /// What the site's rules leave of a type that a scope opens.
    fn narrow(&self, kind: &'static str, whose: Option<&Whose>) -> Result<Narrowed, Denial> {
        self.rules.narrow((self.access, self.act), kind, whose)
    }
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
    asker: Asker<'_>,
    kind: &'static str,
    needs: Permissions,
    purpose: Purpose,
) -> Result<Vec<Branch>, Denial> {
    let access = asker.access;
    let scopes: Vec<_> = granting(access, kind, needs).collect();
    if scopes.is_empty() {
        let through = shared(asker, kind).filter(|_| needs == Permissions::READ);
        let level = usual_level(access);
        return through.map(|one| vec![one]).ok_or(Denial::NoScope { level, kind, needs });
    }
    let opened: Vec<_> = scopes.iter().map(|scope| open(asker, scope, kind, purpose)).collect();
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
pub(super) fn open(
    asker: Asker<'_>,
    scope: &Clinical,
    kind: &'static str,
    purpose: Purpose,
) -> Result<Option<Branch>, Denial> {
    let bound = bound(asker.access, scope.level())?;
    let mut clauses = clauses(scope, kind).ok_or(Denial::UnusableConstraint { kind })?;
    let Some(reach) = reach(asker, kind, &bound, purpose) else { return Ok(None) };
    let Narrowed { clauses: more, except } = asker.narrow(kind, reach.whose())?;
    clauses.extend(more);
    Ok(Some(Branch { reach, clauses, except, scope: scope.to_string() }))
}

/// What a record refers to, where a site lets it be read without a scope of its own (row 77).
fn shared(asker: Asker<'_>, kind: &'static str) -> Option<Branch> {
    let open = asker.rules.shared_without_scope
        && compartment::belonging(kind) == Belonging::Shared
        && asker.access.scopes().clinical().any(|scope| scope.level() == Level::Patient);
    let patient = asker.access.patient().filter(|_| open)?;
    let whose = Whose::Patient(patient.to_owned());
    let by = sources(asker, &whose);
    let Narrowed { clauses, except } = asker.narrow(kind, Some(&whose)).ok()?;
    let scope = "shared_without_scope".to_owned();
    Some(Branch { reach: Reach::ReferredTo { whose, by }, clauses, except, scope })
}

impl Branch {
    /// The resource of the signed-in user.
    pub(super) fn own(asker: Asker<'_>, kind: &'static str) -> Result<Self, Denial> {
        let id = asker.access.user().map(|user| user.id.clone()).unwrap_or_default();
        let Narrowed { clauses, except } = asker.narrow(kind, None)?;
        Ok(Self { reach: Reach::One(id), clauses, except, scope: "fhirUser".to_owned() })
    }

    pub(super) fn allows(&self, resource: &Value) -> bool {
        self.reaches(resource) && self.demands(resource)
    }

    pub(super) fn allows_through(&self, resource: &Value, referrer: &Value) -> bool {
        let Reach::ReferredTo { whose, by } = &self.reach else { return false };
        let kind = referrer.get("resourceType").and_then(Value::as_str);
        let source = |source: &Source| {
            Some(source.kind) == kind && demands(&source.clauses, &source.except, referrer)
        };
        whose.surely(referrer)
            && by.iter().any(source)
            && identity(resource).is_some_and(|target| refers_to(referrer, &target))
            && self.demands(resource)
    }

    /// A Provenance belongs to the record that it tells the origin of, unless it names a patient itself: an app of
    /// theirs may have written it, and would put it into the record of somebody else.
    pub(super) fn allows_about(&self, resource: &Value, matched: &Value) -> bool {
        let Reach::Record(whose) = &self.reach else { return false };
        let targets = resource.get("target").filter(|_| is(resource, "Provenance"));
        whose.surely(matched)
            && compartment::patients(resource).is_empty()
            && identity(matched).zip(targets).is_some_and(|(one, all)| refers_to(all, &one))
            && self.demands(resource)
    }

    pub(super) fn allows_written(&self, resource: &Value) -> bool {
        let confined = match &self.reach {
            // A resource in two records would be written into that of a stranger as well.
            Reach::Record(_) => compartment::patients(resource).len() == 1,
            Reach::Everything | Reach::ReferredTo { .. } | Reach::One(_) => true,
        };
        confined && self.allows(resource)
    }

    /// Whether the resource is one of those that the branch wants, wherever it is.
    #[must_use]
    pub fn demands(&self, resource: &Value) -> bool {
        demands(&self.clauses, &self.except, resource)
    }

    /// Whether the branch reaches the resource, and its scope's constraint admits it.
    pub(super) fn covers(&self, resource: &Value) -> bool {
        self.reaches(resource) && self.clauses.iter().all(|clause| clause.holds(resource))
    }

    /// Whether the resource alone shows that the branch reaches it.
    pub(super) fn reaches(&self, resource: &Value) -> bool {
        match &self.reach {
            Reach::Everything => true,
            Reach::Record(whose) => whose.surely(resource),
            Reach::One(id) => resource.get("id").and_then(Value::as_str) == Some(id),
            Reach::ReferredTo { .. } => false,
        }
    }
}

impl Reach {
    /// The record that it is about, if it is one.
    fn whose(&self) -> Option<&Whose> {
        match self {
            Self::Record(whose) | Self::ReferredTo { whose, .. } => Some(whose),
            Self::Everything | Self::One(_) => None,
        }
    }
}

impl Whose {
    /// Whether the resource alone shows that it is in the record. Of a group's members, only a store can tell.
    #[must_use]
    pub fn surely(&self, resource: &Value) -> bool {
        match self {
            Self::Patient(patient) => compartment::patients(resource).contains(patient),
            Self::Anyone => !compartment::patients(resource).is_empty(),
            Self::Members(_) => false,
        }
    }

    /// Whether the resource alone does not rule out that it is in the record.
    #[must_use]
    pub fn perhaps(&self, resource: &Value) -> bool {
        match self {
            Self::Patient(_) | Self::Anyone => self.surely(resource),
            Self::Members(_) => !compartment::patients(resource).is_empty(),
        }
    }
}

fn demands(clauses: &[Clause], except: &[Except], resource: &Value) -> bool {
    clauses.iter().all(|clause| clause.holds(resource))
        && !except.iter().any(|except| except.takes(resource))
}

/// How far a level reaches, before the type is looked at.
enum Bound {
    Everything,
    Record(Whose),
}

fn bound(access: &Access, level: Level) -> Result<Bound, Denial> {
    match level {
        Level::System => Ok(everyone(access)),
        Level::Patient => access.patient().map(one_patient).ok_or(Denial::NoPatient),
        Level::User => match access.user_reach() {
            UserReach::Everything => Ok(everyone(access)),
            UserReach::Patient(id) => Ok(one_patient(&id)),
            UserReach::Nothing => Err(Denial::UnknownUser),
        },
    }
}

fn one_patient(id: &str) -> Bound {
    Bound::Record(Whose::Patient(id.to_owned()))
}

/// Everything, or the records of the group that the token is bound to.
fn everyone(access: &Access) -> Bound {
    match access.group() {
        Some(group) => Bound::Record(Whose::Members(group.to_owned())),
        None => Bound::Everything,
    }
}

fn reach(asker: Asker<'_>, kind: &str, bound: &Bound, purpose: Purpose) -> Option<Reach> {
    let Bound::Record(whose) = bound else { return Some(Reach::Everything) };
    if let Whose::Members(group) = whose {
        // Whether what is written would stay within the group only a store can tell: such tokens read.
        if purpose != Purpose::See {
            return None;
        }
        if kind == "Group" {
            return Some(Reach::One(group.clone()));
        }
    }
    let in_record = || Some(Reach::Record(whose.clone()));
    match compartment::belonging(kind) {
        Belonging::Reference => in_record(),
        // What is created has no id yet, so a new Patient is never the one in context.
        Belonging::Itself => in_record().filter(|_| purpose != Purpose::Create),
        Belonging::Shared if purpose == Purpose::See => {
            Some(Reach::ReferredTo { whose: whose.clone(), by: sources(asker, whose) })
        }
        Belonging::Shared | Belonging::Nobody => None,
    }
}

/// The resources of a record that the token may see.
fn sources(asker: Asker<'_>, whose: &Whose) -> Vec<Source> {
    let access = asker.access;
    let seen = [Permissions::READ, Permissions::SEARCH];
    let records = definitions::types().iter().filter(|kind| {
        matches!(compartment::belonging(kind), Belonging::Itself | Belonging::Reference)
            // That somebody looked at a resource makes it part of nobody's record.
            && **kind != AUDIT_EVENT
    });
    let mut sources = Vec::new();
    for kind in records {
        let scopes = access.scopes().clinical().filter(|scope| {
            scope.applies_to(kind) && seen.iter().any(|one| scope.permissions().contains(*one))
        });
        let reaching = scopes.filter(|scope| match bound(access, scope.level()) {
            Ok(Bound::Everything) => true,
            Ok(Bound::Record(bound)) => bound == *whose,
            Err(_) => false,
        });
        sources.extend(reaching.filter_map(|scope| {
            let mut clauses = clauses(scope, kind)?;
            let Narrowed { clauses: more, except } = asker.narrow(kind, Some(whose)).ok()?;
            clauses.extend(more);
            Some(Source { kind, clauses, except })
        }));
    }
    sources
}

pub(super) fn granting<'a>(
    access: &'a Access,
    kind: &str,
    needs: Permissions,
) -> impl Iterator<Item = &'a Clinical> {
    let scopes = access.scopes().clinical();
    scopes.filter(move |scope| opens(scope, kind) && scope.permissions().contains(needs))
}

/// Whether a scope is about a type. The audit trail must be named: nobody means it who says "everything".
fn opens(scope: &Clinical, kind: &str) -> bool {
    scope.applies_to(kind) && (kind != AUDIT_EVENT || scope.resource().name().is_some())
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
