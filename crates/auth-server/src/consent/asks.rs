//! From scopes to rows with switches.

use fireward_oauth::capability::{Capabilities, Capability};
use fireward_pages::{
    Message,
    consent::{Ask, Choice},
};
use fireward_scopes::{Category, Clinical, Scope, ScopeSet};

/// The rows of a page: records, everything else, and access while the person is away.
#[derive(Debug, Default)]
pub(super) struct Asks {
    pub(super) records: Vec<Ask>,
    pub(super) others: Vec<Ask>,
    pub(super) offline: Option<Ask>,
}

impl Asks {
    /// Every scope of `allowed`, each once, in the order asked.
    pub(super) fn of(allowed: &ScopeSet, capabilities: &Capabilities) -> Self {
        let mut asks = Self::default();
        for scope in allowed.iter() {
            match scope {
                Scope::Clinical(clinical) => {
                    asks.records.push(record(scope, clinical, capabilities));
                }
                Scope::OfflineAccess => asks.offline = Some(other(scope, false)),
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

fn record(scope: &Scope, clinical: &Clinical, capabilities: &Capabilities) -> Ask {
    let mut ask = Ask::new(scope.to_string(), message(scope), clinical.category().key());
    let choice = |scope: &Scope| Choice {
        value: scope.to_string(),
        what: message(scope),
        on: true,
        sensitive: false,
    };
    // A category can be said in the v2 form alone.
    if capabilities.has(Capability::PermissionV2) {
        ask.choices = clinical.category_choices().iter().map(|one| choice(&one.scope)).collect();
    }
    ask
}

fn other(scope: &Scope, fixed: bool) -> Ask {
    Ask { fixed, ..Ask::new(scope.to_string(), message(scope), Category::Other.key()) }
}

fn message(scope: &Scope) -> Message {
    let said = scope.describe();
    Message { key: said.key, args: said.args }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d_26_all_switches_on_give_back_exactly_what_was_asked() {
        let text = "openid launch/patient offline_access patient/Condition.read patient/Observation.rs patient/*.rs";
        let allowed: ScopeSet = text.parse().unwrap();
        let asks = Asks::of(&allowed, &Capabilities::default());
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
}
