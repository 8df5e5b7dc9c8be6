//! Whether a token allows an interaction, and with which resources (SMART App Launch 2.2,
//! "Scopes for requesting FHIR Resources"; D-34 to D-40).
//!
//! Deny by default, twice: [`permit`] decides before anything is looked up, and the [`Permit`] that
//! it gives judges every resource that is about to leave the server or to enter it.

mod branch;
mod bundle;
mod denial;
mod except;
mod foreign;
mod judge;
mod weigh;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use fireward_scopes::{Level, Permissions};
use serde_json::Value;

pub use branch::{Branch, Reach, Source, Whose};
pub use bundle::{Refused, permit_bundle};
pub use denial::Denial;
pub use except::Except;
pub use judge::Verdict;
pub(crate) use weigh::weigh;

use crate::access::Access;
use crate::audit::{AUDIT_EVENT, ISSUERS_OWN_CLIENT};
use crate::definitions;
use crate::interaction::{Everything, Interaction, Privilege};
use crate::policy::{Act, Rules, SearchEnforcement, Tenant};
use crate::search::Search;
use branch::{Asker, Purpose};

/// Proof that a token allows an interaction. Only [`permit`] and its kin make one, and a store does nothing
/// without one.
#[derive(Debug, Clone, PartialEq)]
pub struct Permit {
    kind: &'static str,
    branches: Vec<Branch>,
    /// What a conditional interaction may find, or a patch may give back.
    seen: Option<Vec<Branch>>,
    /// What may come along: included, part of everything, or of the whole system.
    others: BTreeMap<&'static str, Vec<Branch>>,
    /// What chains and `_has` may look at.
    through: BTreeMap<&'static str, Vec<Branch>>,
    hides: bool,
    rejects: bool,
    tenant: Option<Tenant>,
    skipped: bool,
}

/// Decides whether the bearer of a token may do what is asked, under the rules of the server.
///
/// # Errors
/// [`Denial`] says which check failed, and what would have passed it.
pub fn permit(access: &Access, interaction: &Interaction, rules: &Rules) -> Result<Permit, Denial> {
    let empty = Permit::of_type("", Vec::new(), rules);
    if matches!(interaction, Interaction::Capabilities) {
        return Ok(empty);
    }
    if !access.scopes().is_clinical() {
        return Err(Denial::NoClinicalScope);
    }
    let writes = interaction.privilege() == Privilege::Write;
    if interaction.kind() == Some(AUDIT_EVENT) && writes {
        appends(access, interaction)?;
    }
    let act = Act::of(interaction);
    let tenant = rules.admit(access, act)?;
    let skipped = rules.skips(access) && rules.concern_users();
    let decided = decide(Asker { access, rules, act }, interaction)?;
    Ok(Permit { tenant, skipped, ..decided })
}

fn decide(asker: Asker<'_>, interaction: &Interaction) -> Result<Permit, Denial> {
    let rules = asker.rules;
    let empty = Permit::of_type("", Vec::new(), rules);
    match interaction {
        // Each entry needs a permit of its own, and what is validated is in no record.
        Interaction::Bundle | Interaction::Capabilities => Ok(empty),
        Interaction::Validate { kind } => Ok(Permit::of_type(kind, Vec::new(), rules)),
        Interaction::SystemHistory { .. } => Ok(Permit { others: of_system(asker)?, ..empty }),
        Interaction::Everything(everything) => of_everything(asker, everything),
        Interaction::Search(search) => of_search(asker, search),
        Interaction::Read { kind, .. }
        | Interaction::VersionRead { kind, .. }
        | Interaction::History { kind, .. }
        | Interaction::TypeHistory { kind, .. } => of_one(asker, interaction, kind, Purpose::See),
        Interaction::Create { kind } => of_one(asker, interaction, kind, Purpose::Create),
        Interaction::Update { kind, .. }
        | Interaction::Patch { kind, .. }
        | Interaction::Delete { kind, .. } => of_one(asker, interaction, kind, Purpose::Change),
        Interaction::ConditionalCreate(search) => {
            of_condition(asker, search, (Permissions::CREATE, Purpose::Create))
        }
        Interaction::ConditionalUpdate(search) | Interaction::ConditionalPatch(search) => {
            of_condition(asker, search, (Permissions::UPDATE, Purpose::Change))
        }
        Interaction::ConditionalDelete(search) => {
            of_condition(asker, search, (Permissions::DELETE, Purpose::Change))
        }
    }
}

fn of_one(
    asker: Asker<'_>,
    interaction: &Interaction,
    kind: &'static str,
    purpose: Purpose,
) -> Result<Permit, Denial> {
    let opened = branch::of(asker, kind, interaction.needs(), purpose);
    let branches = if own_user(asker.access, interaction) {
        let mut branches = opened.unwrap_or_default();
        branches.push(Branch::own(asker, kind)?);
        branches
    } else {
        opened?
    };
    let mut permit = Permit::of_type(kind, branches, asker.rules);
    if matches!(interaction, Interaction::Patch { .. }) {
        permit.seen = Some(readable(asker, kind));
    }
    Ok(permit)
}

fn of_search(asker: Asker<'_>, search: &Search) -> Result<Permit, Denial> {
    let branches = branch::of(asker, search.kind, Permissions::SEARCH, Purpose::See)?;
    foreign::check(search, &branches)?;
    let others = include_branches(asker, search)?;
    let through = through(asker, search)?;
    Ok(Permit { others, through, ..Permit::of_type(search.kind, branches, asker.rules) })
}

/// A conditional interaction searches first, and needs the permission for both (D-40).
fn of_condition(
    asker: Asker<'_>,
    search: &Search,
    (needs, purpose): (Permissions, Purpose),
) -> Result<Permit, Denial> {
    let found = of_search(asker, search)?;
    let branches = branch::of(asker, search.kind, needs, purpose)?;
    Ok(Permit { branches, seen: Some(found.branches.clone()), ..found })
}

/// The types of which the token opens something for a search. None at all is a denial.
fn of_system(asker: Asker<'_>) -> Result<BTreeMap<&'static str, Vec<Branch>>, Denial> {
    let mut opened = BTreeMap::new();
    let mut denied = None;
    for kind in definitions::types() {
        match branch::of(asker, kind, Permissions::SEARCH, Purpose::See) {
            Ok(branches) => drop(opened.insert(*kind, branches)),
            Err(denial) => denied = denied.or(Some(denial)),
        }
    }
    match denied {
        Some(denial) if opened.is_empty() => Err(denial),
        _ => Ok(opened),
    }
}

/// Rows 87 to 90. Of types that are named each must be open; where none is, what is met decides.
fn of_everything(asker: Asker<'_>, wanted: &Everything) -> Result<Permit, Denial> {
    let needs = Permissions::V1_READ;
    let open = |kind| branch::of(asker, kind, needs, Purpose::See);
    let branches = open(wanted.kind)?;
    let mut others = BTreeMap::new();
    for kind in definitions::types().iter().filter(|kind| **kind != wanted.kind) {
        let named = wanted.types.contains(kind);
        match open(kind) {
            Ok(branches) if named || wanted.types.is_empty() => {
                others.insert(*kind, branches);
            }
            Err(denial) if named => return Err(denial),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(Permit { others, ..Permit::of_type(wanted.kind, branches, asker.rules) })
}

/// Decides whether the bearer of a token may have every resource of a type that the token opens at once (D-44):
/// with a `system/` scope that lets it read and search the type.
///
/// # Errors
/// [`Denial`] says which scope would do.
pub(crate) fn permit_export(
    access: &Access,
    kind: &'static str,
    rules: &Rules,
) -> Result<Permit, Denial> {
    let needs = Permissions::V1_READ;
    let access = access.only_system();
    let tenant = rules.admit(&access, Act::EXPORT)?;
    let skipped = rules.skips(&access) && rules.concern_users();
    let asker = Asker { access: &access, rules, act: Act::EXPORT };
    let branches = branch::of(asker, kind, needs, Purpose::See);
    let branches = branches.map_err(|denial| {
        let no_scope = matches!(denial, Denial::NoScope { .. });
        if no_scope { Denial::NoScope { level: Level::System, kind, needs } } else { denial }
    })?;
    Ok(Permit { tenant, skipped, ..Permit::of_type(kind, branches, rules) })
}

impl Permit {
    fn of_type(kind: &'static str, branches: Vec<Branch>, rules: &Rules) -> Self {
        Self {
            kind,
            branches,
            seen: None,
            others: BTreeMap::new(),
            through: BTreeMap::new(),
            hides: rules.hide,
            rejects: rules.search == SearchEnforcement::Reject,
            tenant: None,
            skipped: false,
        }
    }

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
        self.others.get(kind).map_or(&[], Vec::as_slice)
    }

    /// What the resources of a type must be that a chain or `_has` goes through (D-38).
    #[must_use]
    pub fn through_branches(&self, kind: &str) -> &[Branch] {
        self.through.get(kind).map_or(&[], Vec::as_slice)
    }

    /// With what the search of a conditional interaction is done. Of another interaction it finds nothing.
    #[must_use]
    pub fn finding(&self) -> Self {
        let branches = self.seen.clone().unwrap_or_default();
        Self { branches, seen: None, others: BTreeMap::new(), rejects: false, ..self.clone() }
    }

    /// The types that a permit for several opens: of everything, or of the whole system.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        let own = (!self.kind.is_empty()).then_some(self.kind);
        own.into_iter().chain(self.others.keys().copied())
    }

    /// The part of a permit for several types that is for one of them. It may open nothing.
    #[must_use]
    pub fn of(&self, kind: &'static str) -> Self {
        if kind == self.kind {
            return Self { others: BTreeMap::new(), ..self.clone() };
        }
        let branches = self.included_branches(kind).to_vec();
        Self { kind, branches, seen: None, others: BTreeMap::new(), ..self.clone() }
    }

    /// Whether an instance that is out of reach looks as if it were not there (D-36).
    #[must_use]
    pub fn hides(&self) -> bool {
        self.hides
    }

    /// Whether a search that finds something out of reach is refused, and not filtered (row 84).
    #[must_use]
    pub fn rejects(&self) -> bool {
        self.rejects
    }

    /// Whether rules about users were not asked, since a system came by itself (row 74). To be told in the audit trail.
    #[must_use]
    pub fn skipped_rules(&self) -> bool {
        self.skipped
    }

    /// Makes a resource that is to be written the asker's tenant's, where it does not say whose it is (row 9).
    pub fn stamp(&self, resource: &mut Value) {
        if let Some(tenant) = &self.tenant {
            tenant.stamp(resource);
        }
    }

    /// Whether every resource of the type may be seen, so that nothing is given away by saying that
    /// one has been deleted.
    #[must_use]
    pub fn sees_everything(&self) -> bool {
        self.branches.iter().any(|branch| {
            branch.reach == Reach::Everything
                && branch.clauses.is_empty()
                && branch.except.is_empty()
        })
    }
}

/// Apps never write the audit trail, whatever their scopes, and nobody changes it: the issuer alone adds what happened
/// there. That what it adds is new is the store's to ensure.
fn appends(access: &Access, interaction: &Interaction) -> Result<(), Denial> {
    let adds = matches!(interaction, Interaction::Update { .. });
    let issuers_own = access.client() == ISSUERS_OWN_CLIENT && access.only_system() == *access;
    if adds && issuers_own { Ok(()) } else { Err(Denial::AppendOnly) }
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
/// (D-37), unless the server rejects such searches.
fn include_branches(
    asker: Asker<'_>,
    search: &Search,
) -> Result<BTreeMap<&'static str, Vec<Branch>>, Denial> {
    let to = search.includes.iter().flat_map(|include| {
        let wanted = |kind: &&&'static str| {
            include.param.targets(kind) && include.target.is_none_or(|only| only == **kind)
        };
        definitions::types().iter().filter(wanted).copied().collect::<Vec<_>>()
    });
    // Of a reference to many types that are not named, those are meant that the token opens.
    let named = search.includes.iter().filter_map(|one| one.target.or(one.param.only_target()));
    let from = search.revincludes.iter().map(|include| include.source);
    let named: Vec<_> = named.chain(from.clone()).collect();
    let mut opened = BTreeMap::new();
    for kind in to.chain(from) {
        match branch::of(asker, kind, Permissions::READ, Purpose::See) {
            Ok(branches) => drop(opened.insert(kind, branches)),
            Err(denial)
                if asker.rules.search == SearchEnforcement::Reject && named.contains(&kind) =>
            {
                return Err(denial);
            }
            Err(_) => {}
        }
    }
    Ok(opened)
}

/// What a search may look at on its way: each type needs its own permission to be searched (D-38).
fn through(
    asker: Asker<'_>,
    search: &Search,
) -> Result<BTreeMap<&'static str, Vec<Branch>>, Denial> {
    let open = |kind| Ok((kind, branch::of(asker, kind, Permissions::SEARCH, Purpose::See)?));
    search.through().into_iter().map(open).collect()
}

/// What may be read of a type; nothing where no scope says so.
fn readable(asker: Asker<'_>, kind: &'static str) -> Vec<Branch> {
    branch::of(asker, kind, Permissions::READ, Purpose::See).unwrap_or_default()
}

/// The level at which a token that lacks a scope would most likely get it.
fn usual_level(access: &Access) -> Level {
    access.scopes().clinical().map(fireward_scopes::Clinical::level).min().unwrap_or(Level::Patient)
}
