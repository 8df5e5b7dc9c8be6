//! From scopes to rows with switches.

use fireward_oauth::{ClientId, capability::Capability, policy::Policy};
use fireward_pages::{
    Message,
    consent::{Ask, Choice},
};
use fireward_scopes::{Category, Clinical, Level, Scope, ScopeSet};

/// The rows of a page: records, everything else, and access while the person is away.
#[derive(Debug, Default)]
pub(super) struct Asks {
    pub(super) records: Vec<Ask>,
    pub(super) others: Vec<Ask>,
    pub(super) offline: Option<Ask>,
}

impl Asks {
    /// Every scope of `allowed`, each once, in the order asked. `is_own` says which open nothing but a state of the
    /// client's own.
    pub(super) fn of(
        allowed: &ScopeSet,
        (client, is_own): (&ClientId, impl Fn(&Clinical) -> bool),
        policy: &Policy,
    ) -> Self {
        let mut asks = Self::default();
        let needed = policy.marks.needed.get(client);
        let needed = |scope: &Scope| needed.is_some_and(|needed| needed.covers(scope));
        for scope in allowed.iter() {
            match scope {
                Scope::Clinical(clinical) if is_own(clinical) => {
                    let what = own_state(clinical);
                    let ask = Ask::new(scope.to_string(), what, Category::Other.key());
                    asks.others.push(Ask { needed: needed(scope), ..ask });
                }
                Scope::Clinical(clinical) => {
                    let ask = record(scope, clinical, policy);
                    asks.records.push(Ask { needed: needed(scope), ..ask });
                }
                Scope::OfflineAccess => {
                    asks.offline = Some(Ask { needed: needed(scope), ..other(scope, false) });
                }
                Scope::Extension(_) => asks.others.push(other(scope, false)),
                // These go with the decision as a whole.
                Scope::OpenId
                | Scope::FhirUser
                | Scope::Profile
                | Scope::Email
                | Scope::Address
                | Scope::Phone
                | Scope::OnlineAccess
                | Scope::Launch
                | Scope::LaunchContext(_) => asks.others.push(other(scope, true)),
            }
        }
        asks
    }
}

fn record(scope: &Scope, clinical: &Clinical, policy: &Policy) -> Ask {
    let mut ask = Ask::new(scope.to_string(), message(scope), clinical.category().key());
    ask.sensitive = sensitive(&ask.what, policy);
    ask.on = !ask.sensitive;
    let choice = |scope: &Scope| {
        let what = message(scope);
        let sensitive = ask.sensitive || sensitive(&what, policy);
        Choice { value: scope.to_string(), what, on: !sensitive, sensitive }
    };
    // A category can be said in the v2 form alone.
    if policy.capabilities.has(Capability::PermissionV2) {
        let choices = clinical.category_choices();
        ask.choices = choices.iter().map(|one| choice(&one.scope)).collect();
    }
    ask
}

/// Whether the organisation counts a type, or a category of one, as sensitive. A scope for every type has no one kind.
fn sensitive(what: &Message, policy: &Policy) -> bool {
    let kinds = what.args.iter().filter(|(name, _)| matches!(*name, "resource" | "kind"));
    kinds.into_iter().any(|(_, kind)| policy.marks.sensitive.contains(kind))
}

fn other(scope: &Scope, fixed: bool) -> Ask {
    Ask { fixed, ..Ask::new(scope.to_string(), message(scope), Category::Other.key()) }
}

/// No record is seen or changed: what the app keeps is its own.
fn own_state(clinical: &Clinical) -> Message {
    let level = if clinical.level() == Level::Patient { "patient" } else { "user" };
    Message { key: "scope-own-state", args: vec![("level", level.to_owned())] }
}

fn message(scope: &Scope) -> Message {
    let said = scope.describe();
    Message { key: said.key, args: said.args }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app() -> ClientId {
        ClientId::parse("app").unwrap()
    }

    #[test]
    fn what_is_sensitive_is_marked_and_starts_off() {
        let allowed: ScopeSet =
            "patient/Observation.rs patient/Patient.rs patient/FamilyMemberHistory.rs"
                .parse()
                .unwrap();
        let mut policy = Policy::default();
        policy.marks.sensitive = ["social-history".into(), "FamilyMemberHistory".into()].into();
        policy.marks.needed = [(app(), "patient/Patient.rs".parse().unwrap())].into();
        let asks = Asks::of(&allowed, (&app(), |_: &Clinical| false), &policy);
        let [observations, patient, family] = asks.records.as_slice() else { panic!("three") };
        let off: Vec<_> = observations.choices.iter().filter(|choice| !choice.on).collect();
        assert!(off.len() == 1 && off[0].sensitive && off[0].value.ends_with("|social-history"));
        assert!(!observations.sensitive && observations.on);
        assert!(family.sensitive && !family.on && !family.needed);
        assert!(patient.needed && patient.on && !patient.sensitive);
        let none = Asks::of(&allowed, (&app(), |_: &Clinical| false), &Policy::default());
        let marked = |ask: &Ask| ask.sensitive || ask.needed || !ask.on;
        assert!(!none.records.iter().any(marked), "by default nothing is");
    }

    #[test]
    fn d_26_sc_9_everything_is_one_switch_and_not_narrowed_by_category() {
        let allowed: ScopeSet =
            "patient/*.rs user/Condition.cud patient/Condition.read".parse().unwrap();
        let asks = Asks::of(&allowed, (&app(), |_: &Clinical| false), &Policy::default());
        let choices: Vec<_> = asks.records.iter().map(|ask| ask.choices.len()).collect();
        assert_eq!(choices, [0, 3, 3]);
        let capabilities =
            fireward_oauth::capability::Capabilities::without([Capability::PermissionV2]);
        let policy = Policy { capabilities, ..Policy::default() };
        let asks = Asks::of(&allowed, (&app(), |_: &Clinical| false), &policy);
        assert!(asks.records.iter().all(|ask| ask.choices.is_empty()));
    }

    #[test]
    fn d_26_all_switches_on_give_back_exactly_what_was_asked() {
        let text = "openid launch/patient offline_access patient/Condition.read patient/Observation.rs patient/*.rs";
        let allowed: ScopeSet = text.parse().unwrap();
        let asks = Asks::of(&allowed, (&app(), |_: &Clinical| false), &Policy::default());
        let posted = |ask: &Ask| {
            let choices: Vec<_> = ask.choices.iter().map(|choice| choice.value.clone()).collect();
            if choices.is_empty() { vec![ask.value.clone()] } else { choices }
        };
        let all = asks.records.iter().chain(&asks.others).chain(&asks.offline).flat_map(posted);
        let on: ScopeSet = all.map(|text| text.parse::<Scope>().unwrap()).collect();
        assert_eq!(allowed.recompose(&on), allowed);
        assert!(asks.offline.is_some());
        assert_eq!(asks.records.len(), 3);
    }

    #[test]
    fn as_8_what_an_app_keeps_for_itself_is_no_record() {
        let allowed: ScopeSet =
            "patient/Patient.rs user/Basic.cuds?code=https://a.example|k".parse().unwrap();
        let is_basic = |clinical: &Clinical| clinical.applies_to("Basic");
        let asks = Asks::of(&allowed, (&app(), is_basic), &Policy::default());
        let [own] = asks.others.as_slice() else { panic!("one") };
        assert_eq!((own.what.key, own.fixed, own.on), ("scope-own-state", false, true));
        assert!(own.value.starts_with("user/Basic.cuds?code="));
        assert_eq!(asks.records.len(), 1);
    }
}
