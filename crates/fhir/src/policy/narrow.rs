//! All rules of a site together, applied to one type of one request.

use std::collections::BTreeSet;

use super::rule::clauses;
use super::{Asked, Narrowing, Policy, Rules, Tenant};
use crate::access::Access;
use crate::decision::{Check, Finding, Step};
use crate::interaction::{Interaction, Privilege};
use crate::permit::{Denial, Except, Whose};
use crate::search::Clause;

/// What is done, as rules see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Act {
    pub(crate) code: &'static str,
    pub(crate) privilege: Privilege,
}

/// What is left of a type.
#[derive(Debug, Clone, Default)]
pub(crate) struct Narrowed {
    pub(crate) clauses: Vec<Clause>,
    pub(crate) except: Vec<Except>,
}

impl Act {
    pub(crate) const EXPORT: Self = Self { code: "export", privilege: Privilege::Read };

    pub(crate) const fn of(interaction: &Interaction) -> Self {
        Self { code: interaction.code(), privilege: interaction.privilege() }
    }
}

impl Rules {
    /// What can be told before any type is looked at: the tenant, and the privilege of the user's roles.
    pub(crate) fn admit(&self, access: &Access, act: Act) -> Result<Option<Tenant>, Denial> {
        let tenant = Tenant::of(access, self)?;
        let Some(required) = self.required.as_ref().filter(|_| !self.skips(access)) else {
            return Ok(tenant);
        };
        if required.privilege(&self.roles(access)) >= Some(act.privilege) {
            return Ok(tenant);
        }
        Err(Denial::NoRole { resource: required.name.clone(), privilege: act.privilege })
    }

    /// What the site's rules leave of a type that a scope opens. `whose` is the record that it reaches, if it is one.
    pub(crate) fn narrow(
        &self,
        (access, act): (&Access, Act),
        kind: &'static str,
        whose: Option<&Whose>,
    ) -> Result<Narrowed, Denial> {
        let mut left = Narrowed::default();
        if let Some(tenant) = Tenant::of(access, self)? {
            left.clauses.extend(tenant.clause(kind));
        }
        if self.skips(access) {
            return Ok(left);
        }
        if !self.concern_users() {
            return Ok(left);
        }
        let roles = self.roles(access);
        left.except.extend(self.labels.iter().filter_map(|one| one.keeps(kind, &roles)));
        left.except.extend(self.consents.keeps(access, kind, whose)?);
        let asked =
            Asked { access, roles: &roles, interaction: act.code, privilege: act.privilege, kind };
        self.ask_policies(&asked, &mut left)?;
        Ok(left)
    }

    fn ask_policies(&self, asked: &Asked<'_>, left: &mut Narrowed) -> Result<(), Denial> {
        for policy in &self.policies {
            let rule = policy.name().to_owned();
            let broken = || Denial::BrokenPolicy { rule: rule.clone() };
            let narrowing = policy.narrow(asked).map_err(|_| broken())?;
            if narrowing.deny {
                return Err(Denial::Policy { rule });
            }
            let read = |query: &String| clauses(asked.kind, query).ok_or_else(broken);
            left.clauses
                .extend(narrowing.only.iter().map(read).collect::<Result<Vec<_>, _>>()?.concat());
            if let Some(query) = &narrowing.without {
                let (check, clauses) = (Check::Policy, read(query)?);
                left.except.push(Except { check, rule, whose: None, clauses, unless: Vec::new() });
            }
        }
        Ok(())
    }

    /// What the rules say of a request, for those who ask why.
    pub(crate) fn steps(&self, access: &Access, act: Act, kind: Option<&'static str>) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(tenancy) = &self.tenancy {
            let about = Some(tenancy.claim.clone());
            let (finding, why) = match Tenant::of(access, self) {
                Ok(_) => {
                    (Finding::Narrowed, "only resources of the token's tenant are there".into())
                }
                Err(denial) => (Finding::Failed, denial.to_string()),
            };
            steps.push(Step { check: Check::Tenant, finding, about, why });
        }
        if self.skips(access) {
            if self.concern_users() {
                let why = "rules about users do not concern a system by itself".to_owned();
                steps.push(Step {
                    check: Check::Policy,
                    finding: Finding::Skipped,
                    about: None,
                    why,
                });
            }
            return steps;
        }
        let roles = self.roles(access);
        steps.extend(self.required.as_ref().map(|required| {
            let enough = required.privilege(&roles) >= Some(act.privilege);
            let finding = if enough { Finding::Passed } else { Finding::Failed };
            let why = format!(
                "to {} takes a role of {}",
                act.privilege.as_str(),
                list(required.roles.keys())
            );
            Step {
                check: Check::RequiredResource,
                finding,
                about: Some(required.name.clone()),
                why,
            }
        }));
        if let Some(kind) = kind {
            let Act { code: interaction, privilege } = act;
            let asked = Asked { access, roles: &roles, interaction, privilege, kind };
            steps.extend(self.policies.iter().map(|policy| of_policy(policy.as_ref(), &asked)));
        }
        steps
    }
}

fn of_policy(policy: &dyn Policy, asked: &Asked<'_>) -> Step {
    let (finding, why) = match policy.narrow(asked) {
        Err(failed) => (Finding::Failed, failed.0),
        Ok(taken) if taken.deny => (Finding::Failed, "it denies the request".to_owned()),
        Ok(taken) if taken == Narrowing::default() => {
            (Finding::Skipped, "it does not concern the request".to_owned())
        }
        Ok(_) => (Finding::Narrowed, format!("it takes away some of {}", asked.kind)),
    };
    Step { check: Check::Policy, finding, about: Some(policy.name().to_owned()), why }
}

fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: BTreeSet<_> = names.map(String::as_str).collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}
