//! The decision against a model that is slow and plainly right: it reads scopes as text, knows a handful of types by
//! heart, and asks one question of one resource at a time. More cases: `PROPTEST_CASES=100000`.

mod world;

use proptest::prelude::*;

use world::{Act, One, World, world};

impl World {
    /// What the decision must be on one resource, by the model.
    fn may(&self, letter: char, one: &One) -> bool {
        self.admitted(letter)
            && (self.scopes.iter().any(|scope| self.allowed_by(scope, letter, one))
                || (letter == 'r' && (self.own_user(one) || self.lent(one))))
    }

    /// What holds whatever is asked for.
    fn admitted(&self, letter: char) -> bool {
        let writes = "cud".contains(letter);
        let role = match self.role {
            Some("nurse") => true,
            Some("clerk") => !writes,
            _ => self.public && !writes,
        };
        let clinical = self.scopes.iter().any(|scope| scope.contains('/'));
        clinical
            && (!self.tenancy || self.tenant.is_some())
            && (self.skips()
                || ((role || !self.required) && !(self.no_deletes && self.code_is_delete())))
    }

    /// Rules about users do not concern a system that comes by itself.
    fn skips(&self) -> bool {
        let mut clinical = self.scopes.iter().filter(|scope| scope.contains('/'));
        self.system_skips
            && self.user.is_none()
            && clinical.all(|scope| scope.starts_with("system/"))
    }

    fn allowed_by(&self, scope: &str, letter: char, one: &One) -> bool {
        let Some((level, query)) = gives(scope, one.kind, &[letter]) else { return false };
        admits(query, one)
            && self.leaves(one)
            && match self.whose(level) {
                Whose::All => true,
                Whose::Nobody => false,
                Whose::Of(patient) => match one.kind {
                    "Patient" => letter != 'c' && one.owner == patient,
                    "Observation" | "Coverage" => one.owner == patient,
                    "Practitioner" => "rs".contains(letter) && self.referred_to(one, patient),
                    _ => false,
                },
            }
    }

    /// Whether an observation of the patient that the token may see has the practitioner as performer.
    fn referred_to(&self, one: &One, patient: &str) -> bool {
        self.records.iter().any(|record| {
            record.kind == "Observation"
                && record.owner == patient
                && record.performer == one.id()
                && self.scopes.iter().any(|scope| self.counts(scope, record, patient))
        })
    }

    fn counts(&self, scope: &str, record: &One, patient: &str) -> bool {
        let Some((level, query)) =
            gives(scope, record.kind, &['r']).or_else(|| gives(scope, record.kind, &['s']))
        else {
            return false;
        };
        let whole = match self.whose(level) {
            Whose::All => true,
            Whose::Of(other) => other == patient,
            Whose::Nobody => false,
        };
        whole && admits(query, record) && self.leaves(record)
    }

    /// The user's own resource, with `fhirUser`; a Patient is a health record.
    fn own_user(&self, one: &One) -> bool {
        let own = self.user == Some("Practitioner/doc")
            && one.kind == "Practitioner"
            && one.owner == "doc";
        own && self.act == Act::Read
            && self.scopes.contains(&"fhirUser".to_owned())
            && self.leaves(one)
    }

    /// Row 77: a shared resource that the record refers to, without a scope of its own.
    fn lent(&self, one: &One) -> bool {
        let none = !self.scopes.iter().any(|scope| gives(scope, one.kind, &['r']).is_some());
        let at_patient = self.scopes.iter().any(|scope| scope.starts_with("patient/"));
        let patient = self.context.filter(|_| self.shared_without_scope && none && at_patient);
        one.kind == "Practitioner"
            && patient.is_some_and(|patient| self.referred_to(one, patient))
            && self.leaves(one)
    }

    fn whose(&self, level: &str) -> Whose {
        let of = |patient: Option<&'static str>| patient.map_or(Whose::Nobody, Whose::Of);
        match (level, self.user) {
            ("system", _) | ("user", Some("Practitioner/doc")) => Whose::All,
            ("patient", _) | ("user", Some("RelatedPerson/r")) => of(self.context),
            ("user", Some("Patient/a")) => Whose::Of("a"),
            ("user", Some("Patient/b")) => Whose::Of("b"),
            _ => Whose::Nobody,
        }
    }

    /// What tenant, label, consent and rule leave.
    fn leaves(&self, one: &One) -> bool {
        if self.tenancy && Some(one.tenant) != self.tenant {
            return false;
        }
        if self.skips() {
            return true;
        }
        let restricted = self.labels && one.label == "R";
        let may_see = self.role == Some("nurse");
        let named = self.denied_to.is_none_or(|actor| self.user.is_none_or(|user| user == actor));
        let own = self.user == Some("Patient/a");
        let denied = self.denied
            && ["Observation", "Coverage", "Patient"].contains(&one.kind)
            && one.owner == "a"
            && self.denied_kind.is_none_or(|kind| kind == one.kind)
            && named
            && !own;
        let tagged = self.no_y && one.kind == "Observation" && one.code == "y";
        (!restricted || may_see) && !denied && !tagged
    }
}

enum Whose {
    All,
    Of(&'static str),
    Nobody,
}

/// Level and constraint of a scope that gives all letters on a type.
fn gives<'a>(scope: &'a str, kind: &str, letters: &[char]) -> Option<(&'a str, &'a str)> {
    let (level, rest) = scope.split_once('/')?;
    let (head, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (of, verb) = head.split_once('.')?;
    let has = match verb {
        "read" => "rs",
        "write" => "cud",
        "*" => "cruds",
        letters => letters,
    };
    let fits = (of == "*" || of == kind) && letters.iter().all(|letter| has.contains(*letter));
    fits.then_some((level, query))
}

fn admits(query: &str, one: &One) -> bool {
    match query.split_once('=') {
        Some(("_tag", codes)) => codes.split(',').any(|code| code == one.code),
        Some(("_security", label)) => one.label == label,
        _ => true,
    }
}

/// What the model says of what is asked: of one resource, or of what may be given away of many.
fn expected(world: &World, one: &One) -> bool {
    match world.act {
        Act::Read | Act::History => world.may('r', one),
        Act::Search | Act::TypeHistory | Act::SystemHistory => world.may('s', one),
        Act::Create => world.may('c', one),
        Act::Update | Act::Patch => world.may('u', one),
        Act::Delete => world.may('d', one),
        // What is found must be findable, and changeable.
        Act::ConditionalUpdate => world.may('s', one) && world.may('u', one),
        Act::ConditionalDelete => world.may('s', one) && world.may('d', one),
        Act::Everything => {
            let both = |scope: &&String| gives(scope, one.kind, &['r', 's']).is_some();
            let mut narrower = world.clone();
            narrower.scopes = world.scopes.iter().filter(both).cloned().collect();
            // Which scopes there are in all decides whether a system came by itself, and what refers.
            let patients = |scope: &String| {
                let level = gives(scope, "Patient", &['r', 's']).map(|(level, _)| level);
                level.is_some_and(|level| !matches!(world.whose(level), Whose::Nobody))
            };
            world.admitted('r')
                && world.scopes.iter().any(patients)
                && narrower.scopes.iter().any(|scope| world.allowed_by(scope, 'r', one))
        }
    }
}

fn config() -> ProptestConfig {
    let mut config = ProptestConfig::default();
    config.cases = config.cases.max(5_000);
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn d_34_to_d_40_the_decision_is_what_the_model_says(world in world()) {
        for one in &world.records {
            if world.asks_about(one) {
                prop_assert_eq!(world.decided(one), expected(&world, one), "{:?}", one);
            }
        }
    }

    // What comes along is never more than what may be read by itself, or about what was found.
    #[test]
    fn d_37_nothing_comes_along_that_the_model_forbids(world in world()) {
        let world = World { act: Act::Search, ..world };
        for (matched, one) in world.included() {
            prop_assert!(world.may('s', &matched) && world.may('r', &one), "{:?} with {:?}", one, matched);
        }
    }

    // Row 61: the order of scopes plays no part, and a scope more takes nothing away, unless it makes a user of a
    // system, or makes that a shared resource needs a scope.
    #[test]
    fn row_061_scopes_unite(world in world(), more in world()) {
        let mut turned = world.clone();
        turned.scopes.reverse();
        let mut wider = world.clone();
        wider.scopes.extend(more.scopes);
        let comparable = wider.skips() == world.skips() && !world.shared_without_scope;
        for one in world.records.iter().filter(|one| world.asks_about(one)) {
            prop_assert_eq!(turned.decided(one), world.decided(one));
            prop_assert!(!comparable || wider.decided(one) >= world.decided(one));
        }
    }
}
