//! Whether a token allows an interaction, and with which resources (SMART App Launch 2.2,
//! "Scopes for requesting FHIR Resources"; D-34 to D-40).
//!
//! Deny by default, twice: [`permit`] decides before anything is looked up, and the [`Permit`] that
//! it gives judges every resource that is about to leave the server or to enter it.

mod branch;
mod denial;
mod foreign;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use fireward_scopes::{Level, Permissions};
use serde_json::Value;

pub use branch::{Branch, Reach, Source, Whose};
pub use denial::Denial;

use crate::access::Access;
use crate::audit::{AUDIT_EVENT, ISSUERS_OWN_CLIENT};
use crate::definitions;
use crate::interaction::Interaction;
use crate::search::Search;
use branch::Purpose;

/// Proof that a token allows an interaction. Only [`permit`] makes one, and a store does nothing
/// without one.
#[derive(Debug, Clone, PartialEq)]
pub struct Permit {
    kind: &'static str,
    branches: Vec<Branch>,
    included: BTreeMap<&'static str, Vec<Branch>>,
}

/// Decides whether the bearer of a token may do what is asked.
///
/// # Errors
/// [`Denial`] says which check failed, and what would have passed it.
pub fn permit(access: &Access, interaction: &Interaction) -> Result<Permit, Denial> {
    let Some(kind) = interaction.kind() else {
        return Ok(Permit { kind: "", branches: Vec::new(), included: BTreeMap::new() });
    };
    if !access.scopes().is_clinical() {
        return Err(Denial::NoClinicalScope);
    }
    if kind == AUDIT_EVENT && purpose(interaction) != Purpose::See {
        appends(access, interaction)?;
    }
    let branches = branch::of(access, kind, interaction.needs(), purpose(interaction));
    let branches = match branches {
        Err(Denial::NoScope { .. }) if own_user(access, interaction) => {
            vec![Branch::own(access.user().map(|user| user.id.clone()).unwrap_or_default())]
        }
        decided => decided?,
    };
    let mut included = BTreeMap::new();
    if let Interaction::Search(search) = interaction {
        foreign::check(search, &branches)?;
        included = include_branches(access, search);
    }
    Ok(Permit { kind, branches, included })
}

/// Decides whether the bearer of a token may have every resource of a type that the token opens at once (D-44):
/// with a `system/` scope that lets it read and search the type.
///
/// # Errors
/// [`Denial`] says which scope would do.
pub(crate) fn permit_export(access: &Access, kind: &'static str) -> Result<Permit, Denial> {
    let needs = Permissions::READ.union(Permissions::SEARCH);
    let branches = branch::of(&access.only_system(), kind, needs, Purpose::See);
    let branches = branches.map_err(|denial| {
        let no_scope = matches!(denial, Denial::NoScope { .. });
        if no_scope { Denial::NoScope { level: Level::System, kind, needs } } else { denial }
    })?;
    Ok(Permit { kind, branches, included: BTreeMap::new() })
}

impl Permit {
    /// The type that was asked about.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// What the resources of that type must be, one way or another: what a store puts into its
    /// query. No branch at all means that there is nothing to be seen.
    #[must_use]
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// The same for a type that may come along with a search.
    #[must_use]
    pub fn included_branches(&self, kind: &str) -> &[Branch] {
        self.included.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Whether every resource of the type may be seen, so that nothing is given away by saying that
    /// one has been deleted.
    #[must_use]
    pub fn sees_everything(&self) -> bool {
        self.branches
            .iter()
            .any(|branch| branch.reach == Reach::Everything && branch.clauses.is_empty())
    }

    /// Whether a stored resource may be seen, changed or deleted. Of a type that is shared among
    /// patients, see [`Permit::allows_through`].
    #[must_use]
    pub fn allows(&self, resource: &Value) -> bool {
        self.is_of_kind(resource) && self.branches.iter().any(|branch| branch.allows(resource))
    }

    /// Whether a stored resource of a type that is shared among patients may be seen, because
    /// `referrer` refers to it (D-35).
    #[must_use]
    pub fn allows_through(&self, resource: &Value, referrer: &Value) -> bool {
        self.is_of_kind(resource)
            && self.branches.iter().any(|branch| branch.allows_through(resource, referrer))
    }

    /// Whether a resource may be stored in this state (D-40): it is in context, in nobody else's,
    /// and meets the constraint of the scope.
    #[must_use]
    pub fn allows_written(&self, resource: &Value) -> bool {
        self.is_of_kind(resource)
            && self.branches.iter().any(|branch| branch.allows_written(resource))
    }

    /// Whether a resource may come along with a search, by a link from or to `matched`, which the
    /// permit allows (D-37).
    #[must_use]
    pub fn allows_included(&self, resource: &Value, matched: &Value) -> bool {
        let kind = resource.get("resourceType").and_then(Value::as_str).unwrap_or_default();
        self.included_branches(kind).iter().any(|branch| {
            branch.allows(resource)
                || branch.allows_through(resource, matched)
                || branch.allows_about(resource, matched)
        })
    }

    fn is_of_kind(&self, resource: &Value) -> bool {
        resource.get("resourceType").and_then(Value::as_str) == Some(self.kind)
    }
}

/// Apps never write the audit trail, whatever their scopes, and nobody changes it: the issuer alone adds what happened
/// there. That what it adds is new is the store's to ensure.
fn appends(access: &Access, interaction: &Interaction) -> Result<(), Denial> {
    let adds = matches!(interaction, Interaction::Update { .. });
    let issuers_own = access.client() == ISSUERS_OWN_CLIENT && access.only_system() == *access;
    if adds && issuers_own { Ok(()) } else { Err(Denial::AppendOnly) }
}

fn purpose(interaction: &Interaction) -> Purpose {
    match interaction {
        Interaction::Create { .. } => Purpose::Create,
        Interaction::Update { .. } | Interaction::Delete { .. } => Purpose::Change,
        Interaction::Capabilities
        | Interaction::Read { .. }
        | Interaction::VersionRead { .. }
        | Interaction::History { .. }
        | Interaction::TypeHistory { .. }
        | Interaction::Search(_) => Purpose::See,
    }
}

/// Whether the signed-in user's own resource is read under `fhirUser`, "permission to retrieve
/// information about the current logged-in user" (SC-20). A Patient is a health record and needs a
/// scope of its own.
fn own_user(access: &Access, interaction: &Interaction) -> bool {
    let Interaction::Read { kind, id } = interaction else { return false };
    let granted = access.scopes().contains(&fireward_scopes::Scope::FhirUser);
    let own = access.user().is_some_and(|user| user.kind == *kind && user.id == *id);
    granted && own && *kind != "Patient"
}

/// What may come along with a search. A type without a scope may not, and is left out in silence
/// (D-37).
fn include_branches(access: &Access, search: &Search) -> BTreeMap<&'static str, Vec<Branch>> {
    let to = search.includes.iter().flat_map(|include| {
        let wanted = |kind: &&&'static str| {
            include.param.targets(kind) && include.target.is_none_or(|only| only == **kind)
        };
        definitions::types().iter().filter(wanted).copied().collect::<Vec<_>>()
    });
    let from = search.revincludes.iter().map(|include| include.source);
    to.chain(from)
        .map(|kind| {
            let branches = branch::of(access, kind, Permissions::READ, Purpose::See);
            (kind, branches.unwrap_or_default())
        })
        .collect()
}

/// The level at which a token that lacks a scope would most likely get it.
fn usual_level(access: &Access) -> Level {
    access.scopes().clinical().map(fireward_scopes::Clinical::level).min().unwrap_or(Level::Patient)
}
