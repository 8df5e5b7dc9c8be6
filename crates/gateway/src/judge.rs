//! Whether a resource of the server behind may leave. What the resource does not tell itself is looked up there: the members
//! of a group, and which resources of a record refer to one that is shared among patients (D-35).

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use fireward_fhir::{Permit, Reach, Source, Whose, compartment, definitions};
use serde_json::Value;

use crate::bundle::Page;
use crate::failure::Failure;
use crate::gateway::Gateway;
use crate::resource::Resource;

/// Judges the resources of one request.
pub(crate) struct Judge<'a> {
    gateway: &'a Gateway,
    permit: Permit,
    known: Known,
}

/// What was looked up so far.
#[derive(Default)]
pub(crate) struct Known {
    records: BTreeMap<String, Record>,
    groups: BTreeMap<String, BTreeSet<String>>,
}

/// What has been read so far of a record whose resources refer to shared ones.
pub(crate) struct Record {
    met: Vec<Value>,
    /// Where more of it is.
    more: VecDeque<String>,
    pages: usize,
}

impl<'a> Judge<'a> {
    /// For the resources of the permit's own type.
    pub(crate) fn new(gateway: &'a Gateway, permit: Permit) -> Self {
        Self::knowing(gateway, permit, Known::default())
    }

    /// With what another judge has looked up.
    pub(crate) fn knowing(gateway: &'a Gateway, permit: Permit, known: Known) -> Self {
        Self { gateway, permit, known }
    }

    /// For another judge.
    pub(crate) fn into_known(self) -> Known {
        self.known
    }

    /// Goes on with resources of another type.
    pub(crate) fn is_for(&mut self, permit: Permit) {
        self.permit = permit;
    }

    /// By what it judges.
    pub(crate) fn permit(&self) -> &Permit {
        &self.permit
    }

    /// Whether the resource may be seen.
    pub(crate) async fn sees(&mut self, resource: &Value) -> Result<bool, Failure> {
        if self.permit.allows(resource) {
            return Ok(true);
        }
        let kind = resource.get("resourceType").and_then(Value::as_str);
        if kind != Some(self.permit.kind()) {
            return Ok(false);
        }
        let wanted = |branch: &&fireward_fhir::Branch| branch.demands(resource);
        let reaches: Vec<Reach> =
            self.permit.branches().iter().filter(wanted).map(|one| one.reach.clone()).collect();
        for reach in reaches {
            if self.is_reached(resource, &reach).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a reach includes the resource because of what only other resources say.
    async fn is_reached(&mut self, resource: &Value, reach: &Reach) -> Result<bool, Failure> {
        match reach {
            Reach::ReferredTo { whose: Whose::Patient(patient), by } => {
                self.is_referred_to(resource, patient, by).await
            }
            Reach::Record(Whose::Members(group)) => self.is_of_group(resource, group).await,
            // These the resource tells itself; who refers to it from any record, nobody can look up.
            Reach::Everything | Reach::Record(_) | Reach::One(_) | Reach::ReferredTo { .. } => {
                Ok(false)
            }
        }
    }

    async fn is_of_group(&mut self, resource: &Value, group: &str) -> Result<bool, Failure> {
        let patients = compartment::patients(resource);
        if patients.is_empty() {
            return Ok(false);
        }
        if !self.known.groups.contains_key(group) {
            let heard = self.gateway.upstream.get(&format!("Group/{group}")).await?;
            let found = match heard.status {
                200 => Resource::read(self.gateway, heard.json()?)?,
                404 | 410 => return Ok(false),
                _ => return Err(heard.refused()),
            };
            let is_it = found.is("Group", group);
            let members = if is_it { compartment::members(&found.value) } else { BTreeSet::new() };
            self.known.groups.insert(group.to_owned(), members);
        }
        Ok(self.known.groups.get(group).is_some_and(|members| !members.is_disjoint(&patients)))
    }

    /// Reads the record until something in it refers to the resource.
    async fn is_referred_to(
        &mut self,
        resource: &Value,
        patient: &str,
        by: &[Source],
    ) -> Result<bool, Failure> {
        let record = self.known.records.entry(patient.to_owned());
        let record = record.or_insert_with(|| Record::of(patient, by));
        let permit = &self.permit;
        let proves = |referrer: &Value| permit.allows_through(resource, referrer);
        if record.met.iter().any(proves) {
            return Ok(true);
        }
        while let Some(more) = record.read(self.gateway).await? {
            let found = more.iter().any(proves);
            record.met.extend(more);
            if found {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Record {
    fn of(patient: &str, by: &[Source]) -> Self {
        let mut kinds: Vec<_> = by.iter().map(|source| source.kind).collect();
        // Those first that refer to most.
        kinds.sort_by_key(|kind| (*kind != "Patient", *kind != "Encounter", *kind));
        kinds.dedup();
        let more = kinds.into_iter().filter_map(|kind| place(kind, patient)).collect();
        Self { met: Vec::new(), more, pages: 0 }
    }

    /// The next page of the record; none at its end, or where it has more than is borne.
    async fn read(&mut self, gateway: &Gateway) -> Result<Option<Vec<Value>>, Failure> {
        let Some(target) = self.more.pop_front() else { return Ok(None) };
        self.pages += 1;
        if self.pages > MOST_PAGES {
            return Ok(None);
        }
        let heard = gateway.upstream.get(&target).await?;
        match heard.status {
            200 => {}
            // The server behind has no such type, or cannot search it so.
            400..500 => return Ok(Some(Vec::new())),
            _ => return Err(heard.refused()),
        }
        if !target.contains('?') {
            return Ok(Some(vec![Resource::read(gateway, heard.json()?)?.value]));
        }
        let page = Page::read(gateway, heard.json()?)?;
        self.more.extend(page.next);
        Ok(Some(page.entries.into_iter().filter_map(|entry| Some(entry.resource?.value)).collect()))
    }
}

/// Where the resources of a type are that belong to a patient.
fn place(kind: &'static str, patient: &str) -> Option<String> {
    if kind == "Patient" {
        return Some(format!("Patient/{patient}"));
    }
    let (name, value) = of_patient(kind, patient)?;
    Some(format!("{kind}?{name}={value}&_count=200"))
}

/// The search parameter that finds the resources of a type which belong to a patient, with its value.
pub(crate) fn of_patient(kind: &'static str, patient: &str) -> Option<(&'static str, String)> {
    if kind == "Patient" {
        return Some(("_id", patient.to_owned()));
    }
    let known = ["patient", "subject", "beneficiary"];
    let name = known.into_iter().find(|name| {
        definitions::param(kind, name).is_some_and(|param| param.targets("Patient"))
    })?;
    Some((name, format!("Patient/{patient}")))
}

/// How many pages of a record are read to find who refers to something.
const MOST_PAGES: usize = 200;
