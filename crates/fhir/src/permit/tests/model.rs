//! The decision against a model that is slow and plainly right: it reads scopes as text, knows a
//! handful of types by heart, and asks one question at a time.

use fireward_jose::claims::NumericDate;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{BASE, interaction};
use crate::{Access, AccessClaims, Rules, permit};

/// A world small enough to be known by heart.
#[derive(Debug, Clone)]
struct World {
    scopes: Vec<String>,
    context: Option<&'static str>,
    user: Option<&'static str>,
    letter: char,
    kind: &'static str,
    /// Whose resource it is, or its id where the type is Patient.
    owner: &'static str,
    code: &'static str,
}

fn world() -> impl Strategy<Value = World> {
    let scope = "(patient|user|system)/(Observation|Patient|Coverage|Group|\\*)\
                 \\.(read|write|\\*|c?r?s|c?ru?|cud|cruds)(\\?_tag=[xy](,z)?)?";
    let scope = scope.prop_filter("grammar", |text| text.parse::<fireward_scopes::Scope>().is_ok());
    let users = [
        None,
        Some("Practitioner/doc"),
        Some("Patient/a"),
        Some("Patient/b"),
        Some("RelatedPerson/r"),
        Some("Device/d"),
    ];
    (
        prop::collection::vec(scope, 0..4),
        prop::sample::select(vec![None, Some("a"), Some("b")]),
        prop::sample::select(users.to_vec()),
        prop::sample::select("cruds".chars().collect::<Vec<_>>()),
        prop::sample::select(vec!["Observation", "Patient", "Coverage", "Group"]),
        prop::sample::select(vec!["a", "b", ""]),
        prop::sample::select(vec!["x", "y", "z", ""]),
    )
        .prop_map(|(scopes, context, user, letter, kind, owner, code)| World {
            scopes,
            context,
            user,
            letter,
            kind,
            owner,
            code,
        })
}

impl World {
    /// What the decision must be, by the model.
    fn allowed(&self) -> bool {
        self.scopes.iter().any(|scope| self.allowed_by(scope))
    }

    fn allowed_by(&self, scope: &str) -> bool {
        let (level, rest) = scope.split_once('/').expect("level");
        let (head, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, verb) = head.split_once('.').expect("verb");
        let letters = match verb {
            "read" => "rs",
            "write" => "cud",
            "*" => "cruds",
            letters => letters,
        };
        let codes = query.strip_prefix("_tag=");
        (kind == "*" || kind == self.kind)
            && letters.contains(self.letter)
            && codes.is_none_or(|codes| codes.split(',').any(|code| code == self.code))
            && self.within(level)
    }

    /// Whether the resource is one of those that the level is about.
    fn within(&self, level: &str) -> bool {
        let whose = match (level, self.user) {
            ("system", _) | ("user", Some("Practitioner/doc")) => return true,
            ("patient", _) | ("user", Some("RelatedPerson/r")) => self.context,
            ("user", Some("Patient/a")) => Some("a"),
            ("user", Some("Patient/b")) => Some("b"),
            _ => None,
        };
        let creates_a_patient = self.kind == "Patient" && self.letter == 'c';
        whose == Some(self.owner) && self.kind != "Group" && !creates_a_patient
    }

    /// What the decision is.
    fn decided(&self) -> bool {
        let claims = AccessClaims {
            scope: self.scopes.join(" "),
            patient: self.context.map(str::to_owned),
            sub: None,
            fhir_user: self.user.map(str::to_owned),
            client_id: String::new(),
            exp: NumericDate(0),
            fireward_group: None,
            fireward_state_systems: Vec::new(),
            facts: crate::TokenFacts::default(),
            more: serde_json::Map::new(),
        };
        let (kind, id) = (self.kind, if self.kind == "Patient" { self.owner } else { "1" });
        let id = if id.is_empty() { "1" } else { id };
        let asked = match self.letter {
            'c' => format!("POST /{kind}"),
            'r' => format!("GET /{kind}/{id}"),
            'u' => format!("PUT /{kind}/{id}"),
            'd' => format!("DELETE /{kind}/{id}"),
            _ => format!("GET /{kind}"),
        };
        let Ok(permit) =
            permit(&Access::of(&claims, BASE), &interaction(&asked), &Rules::default())
        else {
            return false;
        };
        let resource = self.resource();
        let seen = permit.allows(&resource);
        match self.letter {
            'c' => permit.allows_written(&resource),
            'u' => seen && permit.allows_written(&resource),
            _ => seen,
        }
    }

    fn resource(&self) -> Value {
        let owner = json!({ "reference": format!("Patient/{}", self.owner) });
        let stranger = json!({ "reference": "Patient/b" });
        let tag = json!({ "tag": [{ "code": self.code }] });
        match self.kind {
            "Patient" => json!({ "resourceType": "Patient", "id": self.owner, "meta": tag,
                                 "link": [{ "other": stranger }] }),
            "Observation" => json!({ "resourceType": "Observation", "id": "1", "meta": tag,
                                     "subject": owner, "performer": [stranger] }),
            "Coverage" => json!({ "resourceType": "Coverage", "id": "1", "meta": tag,
                                  "beneficiary": owner, "payor": [stranger] }),
            _ => json!({ "resourceType": "Group", "id": "1", "meta": tag,
                         "member": [{ "entity": owner }] }),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn d_34_to_d_40_the_decision_is_what_the_model_says(world in world()) {
        prop_assert_eq!(world.decided(), world.allowed());
    }

    // Row 61: the order of scopes plays no part, and a scope more never takes anything away.
    #[test]
    fn scopes_unite(world in world(), more in world()) {
        let mut turned = world.clone();
        turned.scopes.reverse();
        prop_assert_eq!(turned.decided(), world.decided());
        let mut wider = world.clone();
        wider.scopes.extend(more.scopes);
        prop_assert!(wider.decided() >= world.decided());
    }
}
