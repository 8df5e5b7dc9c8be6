//! Worlds small enough to be known by heart, and what the engine decides in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::permit::tests::{BASE, interaction};
use crate::policy::{Consents, Effect, Label, RequiredResource, SiteRule, Tenancy, When};
use crate::{Access, AccessClaims, Interaction, Permit, Privilege, Rules, Verdict, permit};

/// A token, the rules of a site, some records, and what is asked.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule that a site has or has not")]
pub(super) struct World {
    pub(super) scopes: Vec<String>,
    pub(super) context: Option<&'static str>,
    pub(super) user: Option<&'static str>,
    pub(super) role: Option<&'static str>,
    pub(super) tenant: Option<&'static str>,
    pub(super) required: bool,
    pub(super) public: bool,
    pub(super) tenancy: bool,
    pub(super) labels: bool,
    pub(super) no_y: bool,
    pub(super) no_deletes: bool,
    pub(super) system_skips: bool,
    pub(super) shared_without_scope: bool,
    /// Whether patient `a` has denied something: of one type or of all, to somebody or to all.
    pub(super) denied: bool,
    pub(super) denied_kind: Option<&'static str>,
    pub(super) denied_to: Option<&'static str>,
    pub(super) act: Act,
    pub(super) kind: &'static str,
    pub(super) records: Vec<One>,
}

/// A resource.
#[derive(Debug, Clone)]
pub(super) struct One {
    pub(super) kind: &'static str,
    /// Whose it is, or its id where the type has no owner.
    pub(super) owner: &'static str,
    pub(super) code: &'static str,
    pub(super) label: &'static str,
    pub(super) tenant: &'static str,
    pub(super) performer: &'static str,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Read,
    History,
    Search,
    TypeHistory,
    SystemHistory,
    Create,
    Update,
    Patch,
    Delete,
    ConditionalUpdate,
    ConditionalDelete,
    Everything,
}

pub(super) fn world() -> impl Strategy<Value = World> {
    let token = (
        prop::collection::vec(scope(), 0..4),
        prop::sample::select(vec![None, Some("a"), Some("b")]),
        prop::sample::select(USERS.to_vec()),
        prop::sample::select(vec![None, Some("nurse"), Some("clerk")]),
        prop::sample::select(vec![None, Some("north"), Some("south")]),
    );
    let rare = || prop::bool::weighted(0.2);
    let rules = (rare(), any::<bool>(), rare(), rare(), rare(), rare(), any::<bool>(), rare());
    let denial = (
        rare(),
        prop::sample::select(vec![None, Some("Observation"), Some("Patient")]),
        prop::sample::select(vec![None, Some("Practitioner/doc"), Some("Practitioner/other")]),
    );
    let asked = (
        prop::sample::select(ACTS.to_vec()),
        prop::sample::select(KINDS.to_vec()),
        prop::collection::vec(one(), 1..4),
    );
    (token, rules, denial, asked).prop_map(|(token, rules, denial, asked)| {
        let (scopes, context, user, role, tenant) = token;
        let (required, public, tenancy, labels, no_y, no_deletes, system_skips, lent) = rules;
        let (denied, denied_kind, denied_to) = denial;
        let (act, kind, records) = asked;
        World {
            scopes,
            context,
            user,
            role,
            tenant,
            required,
            public,
            tenancy,
            labels,
            no_y,
            no_deletes,
            system_skips,
            shared_without_scope: lent,
            denied,
            denied_kind,
            denied_to,
            act,
            kind,
            records,
        }
    })
}

fn scope() -> impl Strategy<Value = String> {
    let scope = "(patient|user|system)/(Observation|Patient|Coverage|Group|Practitioner|\\*)\
                 \\.(read|write|\\*|c?r?s|c?ru?|cud|cruds)(\\?(_tag=[xy](,z)?|_security=R))?|fhirUser";
    scope.prop_filter("grammar", |text| text.parse::<fireward_scopes::Scope>().is_ok())
}

fn one() -> impl Strategy<Value = One> {
    (
        prop::sample::select(KINDS.to_vec()),
        prop::sample::select(vec!["a", "b", ""]),
        prop::sample::select(vec!["x", "y", "z", ""]),
        prop::sample::select(vec!["R", "N", ""]),
        prop::sample::select(vec!["north", "south", ""]),
        prop::sample::select(vec!["doc", "other"]),
    )
        .prop_map(|(kind, owner, code, label, tenant, performer)| {
            let owner = if kind == "Practitioner" { performer } else { owner };
            One { kind, owner, code, label, tenant, performer }
        })
}

impl World {
    pub(super) fn code_is_delete(&self) -> bool {
        matches!(self.act, Act::Delete | Act::ConditionalDelete)
    }

    /// Whether what is asked can be about the resource.
    pub(super) fn asks_about(&self, one: &One) -> bool {
        match self.act {
            Act::SystemHistory => true,
            // All that a patient's record can have, besides the patient.
            Act::Everything => one.kind != "Group",
            Act::Read
            | Act::History
            | Act::Search
            | Act::TypeHistory
            | Act::Create
            | Act::Update
            | Act::Patch
            | Act::Delete
            | Act::ConditionalUpdate
            | Act::ConditionalDelete => one.kind == self.kind,
        }
    }

    /// What the engine decides on a resource.
    pub(super) fn decided(&self, one: &One) -> bool {
        let Some(permit) = self.permit(&self.asked(one)) else { return false };
        let resource = one.resource();
        let seen = self.sees(&permit, &resource);
        match self.act {
            Act::Create => permit.allows_written(&resource),
            Act::Update | Act::Patch => seen && permit.allows_written(&resource),
            Act::ConditionalUpdate => {
                self.sees(&permit.finding(), &resource) && seen && permit.allows_written(&resource)
            }
            Act::ConditionalDelete => self.sees(&permit.finding(), &resource) && seen,
            Act::SystemHistory => self.sees(&permit.of(one.kind), &resource),
            Act::Everything => {
                let part = permit.of(one.kind);
                let allowed = matches!(part.verdict(&resource), Verdict::Allowed { .. });
                assert!(!allowed || self.sees(&part, &resource), "a verdict beyond the permit");
                self.sees(&part, &resource)
            }
            Act::Read | Act::History | Act::Search | Act::TypeHistory | Act::Delete => seen,
        }
    }

    /// Everything that a search of observations, with whoever performed them and whose they are, would bring along.
    pub(super) fn included(&self) -> Vec<(One, One)> {
        let asked = "GET /Observation?_include=Observation:performer&_include=Observation:subject";
        let Some(permit) = self.permit(&interaction(asked)) else { return Vec::new() };
        let matched = self
            .records
            .iter()
            .filter(|one| one.kind == "Observation" && permit.allows(&one.resource()));
        let comes = |matched: &One, one: &One| {
            permit.allows_included(&one.resource(), &matched.resource())
                && (one.id() == matched.performer || one.owner == matched.owner)
        };
        matched
            .flat_map(|matched| {
                let along = self.records.iter().filter(move |one| comes(matched, one));
                along.map(|one| (matched.clone(), one.clone()))
            })
            .collect()
    }

    fn sees(&self, permit: &Permit, resource: &Value) -> bool {
        permit.allows(resource)
            || self.records.iter().any(|one| permit.allows_through(resource, &one.resource()))
    }

    fn permit(&self, asked: &Interaction) -> Option<Permit> {
        permit(&self.access(), asked, &self.rules()).ok()
    }

    fn asked(&self, one: &One) -> Interaction {
        let (kind, id) = (one.kind, one.id());
        interaction(&match self.act {
            Act::Read => format!("GET /{kind}/{id}"),
            Act::History => format!("GET /{kind}/{id}/_history"),
            Act::Search => format!("GET /{kind}"),
            Act::TypeHistory => format!("GET /{kind}/_history"),
            Act::SystemHistory => "GET /_history".to_owned(),
            Act::Create => format!("POST /{kind}"),
            Act::Update => format!("PUT /{kind}/{id}"),
            Act::Patch => format!("PATCH /{kind}/{id}"),
            Act::Delete => format!("DELETE /{kind}/{id}"),
            Act::ConditionalUpdate => format!("PUT /{kind}?_tag=x"),
            Act::ConditionalDelete => format!("DELETE /{kind}?_tag=x"),
            Act::Everything => format!("GET /Patient/p/$everything?_type=Patient,{kind}"),
        })
    }

    fn access(&self) -> Access {
        let mut claims = json!({ "scope": self.scopes.join(" "), "exp": 0 });
        let told = [
            ("patient", self.context),
            ("fhirUser", self.user),
            ("roles", self.role),
            ("clinic", self.tenant),
        ];
        for (name, value) in told {
            claims[name] = json!(value);
        }
        let claims: AccessClaims = serde_json::from_value(claims).expect("claims");
        Access::of(&claims, BASE)
    }

    fn rules(&self) -> Rules {
        let roles = [("nurse", Privilege::Write), ("clerk", Privilege::Read)];
        let roles: BTreeMap<_, _> = roles.map(|(role, right)| (role.to_owned(), right)).into();
        let public = self.public.then_some(Privilege::Read);
        let required = RequiredResource { name: "all".into(), public, roles };
        let nurse = BTreeSet::from(["nurse".to_owned()]);
        let label = Label { system: "http://l".into(), code: "R".into(), roles: nurse };
        let set = |name: &str| BTreeSet::from([name.to_owned()]);
        let rule = |name: &str, when, effect| {
            Arc::new(SiteRule { name: name.into(), when, effect }) as Arc<dyn crate::policy::Policy>
        };
        let deletes = When { interactions: set("delete"), ..When::default() };
        let tagged = When { types: set("Observation"), ..When::default() };
        let policies = [
            self.no_deletes.then(|| rule("d", deletes, Effect::Deny)),
            self.no_y.then(|| rule("y", tagged, Effect::Without("_tag=y".into()))),
        ];
        Rules {
            shared_without_scope: self.shared_without_scope,
            system_skips: self.system_skips,
            required: self.required.then_some(required),
            tenancy: self
                .tenancy
                .then(|| Tenancy { claim: "clinic".into(), system: "http://t".into() }),
            labels: self.labels.then_some(label).into_iter().collect(),
            consents: Arc::new(Consents::read(self.consent().as_ref(), 0)),
            policies: policies.into_iter().flatten().collect(),
            ..Rules::default()
        }
    }

    fn consent(&self) -> Option<Value> {
        let mut provision = json!({ "type": "deny" });
        if let Some(kind) = self.denied_kind {
            provision["class"] =
                json!([{ "system": "http://hl7.org/fhir/resource-types", "code": kind }]);
        }
        if let Some(actor) = self.denied_to {
            provision["actor"] = json!([{ "reference": { "reference": actor } }]);
        }
        self.denied.then(|| {
            json!({ "resourceType": "Consent", "status": "active",
                    "patient": { "reference": "Patient/a" }, "provision": provision })
        })
    }
}

impl One {
    pub(super) fn id(&self) -> &'static str {
        match (self.kind, self.owner) {
            ("Patient" | "Practitioner", "") => "nobody",
            ("Patient" | "Practitioner", id) => id,
            _ => "1",
        }
    }

    pub(super) fn resource(&self) -> Value {
        let owner = json!({ "reference": format!("Patient/{}", self.owner) });
        let stranger = json!({ "reference": "Patient/b" });
        let meta = json!({
            "tag": [{ "code": self.code }, { "system": "http://t", "code": self.tenant }],
            "security": [{ "system": "http://l", "code": self.label }],
        });
        let mut resource = json!({ "resourceType": self.kind, "id": self.id(), "meta": meta });
        let by = json!([{ "reference": format!("Practitioner/{}", self.performer) }, stranger]);
        let members = match self.kind {
            "Patient" => json!({ "link": [{ "other": stranger }] }),
            "Observation" => json!({ "subject": owner, "performer": by }),
            "Coverage" => json!({ "beneficiary": owner, "payor": [stranger] }),
            "Group" => json!({ "member": [{ "entity": owner }] }),
            _ => json!({}),
        };
        for (name, value) in members.as_object().expect("members") {
            resource[name] = value.clone();
        }
        resource
    }
}

const KINDS: [&str; 5] = ["Observation", "Patient", "Coverage", "Practitioner", "Group"];

const ACTS: [Act; 12] = [
    Act::Read,
    Act::History,
    Act::Search,
    Act::TypeHistory,
    Act::SystemHistory,
    Act::Create,
    Act::Update,
    Act::Patch,
    Act::Delete,
    Act::ConditionalUpdate,
    Act::ConditionalDelete,
    Act::Everything,
];

const USERS: [Option<&str>; 5] =
    [None, Some("Practitioner/doc"), Some("Patient/a"), Some("Patient/b"), Some("RelatedPerson/r")];
