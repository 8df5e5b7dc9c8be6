//! Searches that name another patient than the one in context (D-37).

use super::{Branch, Denial, Reach, Whose};
use crate::search::{Clause, Criterion, Search};

/// Refuses a search that names a patient whose record the token does not open. To answer it with an
/// empty bundle would look as if there was nothing to find.
pub(super) fn check(search: &Search, branches: &[Branch]) -> Result<(), Denial> {
    let confined: Option<Vec<&str>> = branches.iter().map(patient).collect();
    let Some(allowed) = confined.filter(|patients| !patients.is_empty()) else { return Ok(()) };
    let foreign = |id: &&str| !allowed.contains(id);
    let mut named = search.clauses.iter().flat_map(|clause| named(clause, search.kind));
    if named.any(|id| foreign(&id)) { Err(Denial::OtherPatient) } else { Ok(()) }
}

/// The patient that a branch is confined to, if it is.
fn patient(branch: &Branch) -> Option<&str> {
    match &branch.reach {
        Reach::Record(Whose::Patient(id)) | Reach::ReferredTo { whose: Whose::Patient(id), .. } => {
            Some(id)
        }
        // Of a group's members only a store can tell, which then finds nothing.
        Reach::Everything | Reach::Record(_) | Reach::ReferredTo { .. } | Reach::One(_) => None,
    }
}

/// The ids of patients that a clause names.
fn named<'a>(clause: &'a Clause, kind: &str) -> Vec<&'a str> {
    let criteria = clause.test.criteria();
    let own_id = kind == "Patient" && clause.param.name == "_id";
    let id = |criterion: &'a Criterion| match criterion {
        Criterion::Token { code, .. } if own_id => code.as_deref(),
        Criterion::Reference { kind: Some(kind), id } if kind == "Patient" => Some(id.as_str()),
        // A bare id may be a patient's wherever the parameter may point to one.
        Criterion::Reference { kind: None, id } if clause.param.targets("Patient") => {
            Some(id.as_str())
        }
        Criterion::Token { .. }
        | Criterion::Text { .. }
        | Criterion::Uri(_)
        | Criterion::UriBelow(_)
        | Criterion::Pair(_)
        | Criterion::Date(_)
        | Criterion::Reference { .. }
        | Criterion::Quantity { .. } => None,
    };
    criteria.iter().filter_map(id).collect()
}
