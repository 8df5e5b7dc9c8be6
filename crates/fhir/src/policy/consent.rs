//! FHIR `Consent` resources that take away: what a patient has denied is kept back whatever scopes say (row 73).
//!
//! Only denials count, and exceptions from them. What of a provision cannot be judged here is left out, so that a denial
//! reaches farther and an exception less far.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::access::Access;
use crate::compartment;
use crate::decision::Check;
use crate::definitions;
use crate::index::date;
use crate::permit::{Denial, Except, Whose};
use crate::reference::Reference;
use crate::search::{Clause, Criterion, Test};

/// What patients have denied at the moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Consents {
    denials: BTreeMap<String, Vec<Provision>>,
}

/// One provision: what it is about.
#[derive(Debug, Clone, Default, PartialEq)]
struct Provision {
    consent: String,
    actors: Vec<Reference>,
    /// Types, or none for any.
    kinds: BTreeSet<String>,
    labels: Vec<(String, String)>,
    codes: Vec<(String, String)>,
    /// Something of it cannot be judged here.
    beyond: bool,
    unless: Vec<Provision>,
}

impl Consents {
    /// Reads `Consent` resources as they are at `now`, in milliseconds since 1970.
    #[must_use]
    pub fn read<'a>(consents: impl IntoIterator<Item = &'a Value>, now: i64) -> Self {
        let mut denials: BTreeMap<String, Vec<Provision>> = BTreeMap::new();
        for consent in consents {
            let text = |name: &str| consent.get(name).and_then(Value::as_str);
            if text("resourceType") != Some("Consent") || text("status") != Some("active") {
                continue;
            }
            let Some(provision) = consent.get("provision") else { continue };
            let id = format!("Consent/{}", text("id").unwrap_or_default());
            for patient in compartment::patients(consent) {
                let found = denials.entry(patient).or_default();
                collect(provision, &id, now, found);
            }
        }
        denials.retain(|_, provisions| !provisions.is_empty());
        Self { denials }
    }

    /// Whether nobody has denied anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.denials.is_empty()
    }

    /// What is kept of a type from the asker.
    pub(crate) fn keeps(
        &self,
        access: &Access,
        kind: &'static str,
        whose: Option<&Whose>,
    ) -> Result<Vec<Except>, Denial> {
        let theirs: Vec<_> = match whose {
            Some(Whose::Patient(patient)) => {
                self.denials.get_key_value(patient).into_iter().collect()
            }
            Some(Whose::Members(_) | Whose::Anyone) | None => self.denials.iter().collect(),
        };
        let own = access.user().filter(|user| user.kind == "Patient").map(|user| &user.id);
        // Nobody's denial is meant against themselves.
        let others = theirs.into_iter().filter(|(patient, _)| Some(*patient) != own);
        let kept = others.flat_map(|(patient, provisions)| {
            provisions.iter().filter_map(|one| one.except(patient, access, kind))
        });
        let kept = united(kept);
        let patients =
            kept.iter().flat_map(|except| &except.whose).map(BTreeSet::len).sum::<usize>();
        if kept.len() > MOST || patients > MOST_PATIENTS {
            return Err(Denial::BrokenPolicy { rule: "consents".to_owned() });
        }
        Ok(kept)
    }
}

/// What several patients have denied alike, as one: of all together a store makes one condition.
fn united(kept: impl Iterator<Item = Except>) -> Vec<Except> {
    let mut united: Vec<Except> = Vec::new();
    for one in kept {
        let alike =
            |other: &&mut Except| other.clauses == one.clauses && other.unless == one.unless;
        match united.iter_mut().find(alike) {
            None => united.push(one),
            Some(Except { whose: Some(patients), rule, .. }) => {
                patients.extend(one.whose.into_iter().flatten());
                "a Consent".clone_into(rule);
            }
            Some(Except { whose: None, .. }) => {}
        }
    }
    united
}

/// The denials of a provision, and of those within it.
fn collect(provision: &Value, consent: &str, now: i64, found: &mut Vec<Provision>) {
    if !in_force(provision, now) {
        return;
    }
    let within = || provision.get("provision").and_then(Value::as_array).into_iter().flatten();
    if provision.get("type").and_then(Value::as_str) == Some("deny") {
        let mut denial = Provision::of(provision, consent);
        let permits = within().filter(|one| {
            one.get("type").and_then(Value::as_str) == Some("permit") && in_force(one, now)
        });
        // An exception that is narrowed again is none that can be trusted.
        let plain = permits.filter(|one| one.get("provision").is_none());
        denial.unless = plain.map(|one| Provision::of(one, consent)).collect();
        denial.unless.retain(|one| !one.beyond);
        found.push(denial);
    }
    for inner in within() {
        collect(inner, consent, now, found);
    }
}

/// A provision whose period cannot be read is in force.
fn in_force(provision: &Value, now: i64) -> bool {
    let end = |name: &str| {
        let text = provision.pointer(&format!("/period/{name}")).and_then(Value::as_str)?;
        date::span(text)
    };
    end("start").is_none_or(|(from, _)| from <= now) && end("end").is_none_or(|(_, to)| now <= to)
}

impl Provision {
    fn of(provision: &Value, consent: &str) -> Self {
        let list = |name: &str| provision.get(name).and_then(Value::as_array).into_iter().flatten();
        let actors = list("actor").map(|actor| actor.get("reference").and_then(Reference::of));
        let (actors, unknown): (Vec<_>, Vec<_>) = actors.partition(Option::is_some);
        let classes: Vec<_> = list("class").map(|class| coding(Some(class))).collect();
        let kinds = classes.iter().flatten().filter(|(system, _)| system == RESOURCE_TYPES);
        let kinds: BTreeSet<_> = kinds.map(|(_, code)| code.clone()).collect();
        let labels: Vec<_> = list("securityLabel").map(|one| coding(Some(one))).collect();
        let concepts = list("code")
            .flat_map(|code| code.get("coding").and_then(Value::as_array).into_iter().flatten());
        let codes: Vec<_> = concepts.map(|one| coding(Some(one))).collect();
        // Whatever of these is there says something that is not looked at.
        let beyond = ["action", "purpose", "data", "dataPeriod"];
        let beyond = beyond.iter().any(|name| provision.get(name).is_some())
            || !unknown.is_empty()
            || kinds.len() != classes.len()
            || labels.iter().chain(&codes).any(Option::is_none);
        // A list of which nothing could be read would mean everything, which a denial may and an exception is not.
        Self {
            consent: consent.to_owned(),
            // With one actor unknown, anybody may be meant.
            actors: if unknown.is_empty() {
                actors.into_iter().flatten().collect()
            } else {
                Vec::new()
            },
            kinds: if kinds.len() == classes.len() { kinds } else { BTreeSet::new() },
            labels: whole(labels),
            codes: whole(codes),
            beyond,
            unless: Vec::new(),
        }
    }

    /// What this denial keeps of a type from the asker.
    fn except(&self, patient: &str, access: &Access, kind: &'static str) -> Option<Except> {
        let may_be_meant =
            self.actors.is_empty() || self.actors.iter().any(|actor| may_be(actor, access));
        if !may_be_meant || !(self.kinds.is_empty() || self.kinds.contains(kind)) {
            return None;
        }
        let surely = |one: &&Provision| {
            (one.kinds.is_empty() || one.kinds.contains(kind))
                && (one.actors.is_empty()
                    || one.actors.iter().any(|actor| access.user() == Some(actor)))
        };
        // An exception by something that this type has not, does not hold for it.
        let unless = self.unless.iter().filter(surely).filter_map(|one| one.clauses(kind));
        Some(Except {
            check: Check::Consent,
            rule: self.consent.clone(),
            whose: Some(BTreeSet::from([patient.to_owned()])),
            // A denial by something that this type has not, does.
            clauses: self.clauses(kind).unwrap_or_default(),
            unless: unless.collect(),
        })
    }

    /// Labels and codes as clauses on a type.
    fn clauses(&self, kind: &str) -> Option<Vec<Clause>> {
        let wanted = [("_security", &self.labels), ("code", &self.codes)];
        let wanted = wanted.into_iter().filter(|(_, codings)| !codings.is_empty());
        let clause = |(name, codings): (&str, &Vec<(String, String)>)| {
            let param = definitions::param(kind, name)
                .filter(|param| param.kind == definitions::Kind::Token)?;
            let token = |(system, code): &(String, String)| Criterion::Token {
                system: (!system.is_empty()).then(|| system.clone()),
                code: Some(code.clone()),
            };
            Some(Clause { param, test: Test::Any(codings.iter().map(token).collect()) })
        };
        wanted.map(clause).collect()
    }
}

/// Whether an actor may be the asker. Only another of the same kind certainly is not, nor is a patient's person a
/// clinician.
fn may_be(actor: &Reference, access: &Access) -> bool {
    let people = ["Patient", "Practitioner", "RelatedPerson"];
    match access.user() {
        Some(user) if user.kind == actor.kind => user.id == actor.id,
        Some(user) => {
            !(people.contains(&user.kind.as_str()) && people.contains(&actor.kind.as_str()))
        }
        None => true,
    }
}

fn coding(element: Option<&Value>) -> Option<(String, String)> {
    let text = |name: &str| element?.get(name).and_then(Value::as_str).map(str::to_owned);
    Some((text("system").unwrap_or_default(), text("code")?))
}

fn whole(codings: Vec<Option<(String, String)>>) -> Vec<(String, String)> {
    codings.into_iter().collect::<Option<Vec<_>>>().unwrap_or_default()
}

const RESOURCE_TYPES: &str = "http://hl7.org/fhir/resource-types";

/// So many denials one SQL statement bears. Where more concern a request nothing is allowed, rather than too much.
const MOST: usize = 300;
const MOST_PATIENTS: usize = 5_000;
