//! The rules of a FHIR server, from a file: see docs/access-decisions.md. An unknown key is an error with its line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use fireward_fhir::Privilege;
use fireward_fhir::policy::{
    Effect, Label, Policy, RequiredResource, Rules, SearchEnforcement, SiteRule, Tenancy, When,
};
use serde::Deserialize;

use crate::{config, fault::Fault};

/// What a FHIR server goes by beyond scopes.
#[derive(Debug, Clone, Default)]
pub(crate) struct SiteRules {
    /// What is configured.
    pub(crate) rules: Rules,
    /// Whether what patients deny in `Consent` resources holds.
    pub(crate) consents: bool,
}

impl SiteRules {
    /// Reads a file; without one, the usual rules.
    ///
    /// # Errors
    /// When it cannot be read, has a key that does not exist, or a rule that could not be applied.
    pub(crate) fn of(path: Option<&Path>) -> Result<Self, Fault> {
        let Some(path) = path else { return Ok(Self::default()) };
        let named = |why: String| Fault::Config(format!("{}: {why}", path.display()));
        Self::parse(&config::read(path)?).map_err(named)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|fault| fault.to_string())?;
        let usual = Rules::default();
        let rules = file.rule.into_iter().map(RuleFile::rule).collect::<Result<Vec<_>, _>>()?;
        for rule in &rules {
            rule.check()?;
        }
        let policies = rules.into_iter().map(|rule| Arc::new(rule) as Arc<dyn Policy>);
        let rules = Rules {
            search: match file.search_enforcement {
                Enforcement::Filter => SearchEnforcement::Filter,
                Enforcement::Reject => SearchEnforcement::Reject,
            },
            hide: file.hide,
            shared_without_scope: file.shared_without_scope,
            system_skips: file.system_scopes == SystemScopes::Skip,
            roles_claim: file.roles_claim.unwrap_or(usual.roles_claim),
            required: file.required_resource.map(RequiredFile::resource),
            tenancy: file.tenancy.map(|one| Tenancy { claim: one.claim, system: one.system }),
            labels: file.label.into_iter().map(LabelFile::label).collect::<Result<_, _>>()?,
            consents: usual.consents,
            policies: policies.collect(),
        };
        Ok(Self { rules, consents: file.consents })
    }
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    search_enforcement: Enforcement,
    hide: bool,
    shared_without_scope: bool,
    system_scopes: SystemScopes,
    roles_claim: Option<String>,
    consents: bool,
    required_resource: Option<RequiredFile>,
    tenancy: Option<TenancyFile>,
    label: Vec<LabelFile>,
    rule: Vec<RuleFile>,
}

impl Default for File {
    fn default() -> Self {
        Self {
            search_enforcement: Enforcement::Filter,
            hide: true,
            shared_without_scope: false,
            system_scopes: SystemScopes::Skip,
            roles_claim: None,
            consents: false,
            required_resource: None,
            tenancy: None,
            label: Vec::new(),
            rule: Vec::new(),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Enforcement {
    Filter,
    Reject,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SystemScopes {
    Skip,
    Enforce,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Public {
    #[default]
    None,
    Read,
    Write,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Right {
    Read,
    Write,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequiredFile {
    name: String,
    #[serde(default)]
    public_permission: Public,
    #[serde(default)]
    roles: BTreeMap<String, Right>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TenancyFile {
    claim: String,
    system: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelFile {
    label: String,
    #[serde(default)]
    roles: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    name: String,
    #[serde(default)]
    interactions: BTreeSet<String>,
    #[serde(default)]
    types: BTreeSet<String>,
    #[serde(default)]
    clients: BTreeSet<String>,
    #[serde(default)]
    roles: BTreeSet<String>,
    #[serde(default)]
    unless_roles: BTreeSet<String>,
    #[serde(default)]
    claims: BTreeMap<String, String>,
    #[serde(default)]
    deny: bool,
    only: Option<String>,
    without: Option<String>,
}

impl RequiredFile {
    fn resource(self) -> RequiredResource {
        let privilege = |right| match right {
            Right::Read => Privilege::Read,
            Right::Write => Privilege::Write,
        };
        let public = match self.public_permission {
            Public::None => None,
            Public::Read => Some(Privilege::Read),
            Public::Write => Some(Privilege::Write),
        };
        let roles = self.roles.into_iter().map(|(role, right)| (role, privilege(right)));
        RequiredResource { name: self.name, public, roles: roles.collect() }
    }
}

impl LabelFile {
    fn label(self) -> Result<Label, String> {
        let (system, code) = self.label.split_once('|').unwrap_or_default();
        if system.is_empty() || code.is_empty() {
            return Err(format!("label = \"{}\" must be written as system|code", self.label));
        }
        Ok(Label { system: system.to_owned(), code: code.to_owned(), roles: self.roles })
    }
}

impl RuleFile {
    fn rule(self) -> Result<SiteRule, String> {
        let effect = match (self.deny, self.only, self.without) {
            (true, None, None) => Effect::Deny,
            (false, Some(search), None) => Effect::Only(search),
            (false, None, Some(search)) => Effect::Without(search),
            _ => {
                let name = self.name;
                return Err(format!("the rule \"{name}\" needs one of deny = true, only, without"));
            }
        };
        if let Some(unknown) =
            self.interactions.iter().find(|code| !INTERACTIONS.contains(&code.as_str()))
        {
            return Err(format!("the rule \"{}\": {unknown} is no interaction", self.name));
        }
        let when = When {
            interactions: self.interactions,
            types: self.types,
            clients: self.clients,
            roles: self.roles,
            unless_roles: self.unless_roles,
            claims: self.claims,
        };
        Ok(SiteRule { name: self.name, when, effect })
    }
}

/// What a rule can be about: a privilege, or an interaction by its code in capability statements.
const INTERACTIONS: [&str; 14] = [
    "write",
    "history-instance",
    "history-type",
    "history-system",
    "vread",
    "search-type",
    "create",
    "update",
    "patch",
    "delete",
    "batch",
    "operation",
    "export",
    "read",
];

#[cfg(test)]
mod tests {
    use fireward_fhir::policy::SearchEnforcement;

    use super::SiteRules;

    #[test]
    fn the_example_of_the_documents_is_read() {
        let text = include_str!("../../../docs/examples/access-rules.toml");
        let site = SiteRules::parse(text).expect("the example");
        assert!(site.consents && site.rules.hide && !site.rules.shared_without_scope);
        assert_eq!((site.rules.labels.len(), site.rules.policies.len()), (1, 3));
        assert!(site.rules.required.is_some() && site.rules.tenancy.is_none());
        assert_eq!(site.rules.search, SearchEnforcement::Filter);
        let usual = SiteRules::parse("").expect("nothing");
        assert!(usual.rules.hide && usual.rules.system_skips && !usual.consents);
    }

    #[test]
    fn what_could_not_be_applied_is_an_error() {
        for (text, said) in [
            ("colour = 1", "colour"),
            ("search_enforcement = \"maybe\"", "maybe"),
            ("[[label]]\nlabel = \"R\"", "system|code"),
            ("[[rule]]\nname = \"x\"", "needs one of"),
            ("[[rule]]\nname = \"x\"\ndeny = true\nonly = \"_id=1\"", "needs one of"),
            ("[[rule]]\nname = \"x\"\nonly = \"category=y\"", "cannot be searched"),
            ("[[rule]]\nname = \"x\"\ndeny = true\ninteractions = [\"look\"]", "no interaction"),
            ("[[rule]]\nname = \"x\"\ndeny = true\ntypes = [\"Nothing\"]", "not served"),
            ("[required_resource]\nname = \"x\"\nroles = { a = \"all\" }", "all"),
        ] {
            let wrong = SiteRules::parse(text).expect_err(text);
            assert!(wrong.contains(said), "{text}: {wrong}");
        }
    }
}
