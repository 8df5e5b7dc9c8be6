//! A site's own rules: a trait for code, and one rule in configuration. Both can only narrow, and fail closed (row 11).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::access::Access;
use crate::definitions;
use crate::interaction::Privilege;
use crate::search;

/// A rule of a site. It is asked for each type that a request touches.
pub trait Policy: fmt::Debug + Send + Sync {
    /// The name, which denials tell.
    fn name(&self) -> &str;

    /// What the rule takes away. There is no way to say that it gives anything.
    ///
    /// # Errors
    /// Where it cannot be applied; then nothing is allowed.
    fn narrow(&self, asked: &Asked<'_>) -> Result<Narrowing, Failed>;
}

/// What a rule sees of a request.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What the token says, every claim of it.
    pub access: &'a Access,
    /// The roles of its user.
    pub roles: &'a BTreeSet<String>,
    /// The code of the interaction, such as `read` or `search-type`.
    pub interaction: &'static str,
    /// Whether it changes records.
    pub privilege: Privilege,
    /// The type of the resources that are wanted.
    pub kind: &'static str,
}

/// What a rule takes away. Searches are written as in a URL: `category=laboratory&_tag=x`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Narrowing {
    /// Everything.
    pub deny: bool,
    /// All but what this search finds.
    pub only: Option<String>,
    /// What this search finds.
    pub without: Option<String>,
}

/// A rule cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed(pub String);

/// A rule in configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRule {
    /// Its name.
    pub name: String,
    /// Which requests it concerns.
    pub when: When,
    /// What it does.
    pub effect: Effect,
}

/// Which requests a rule concerns: those that meet all of what is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct When {
    /// One of these interactions, by code, or the privilege `read` or `write`; none means any.
    pub interactions: BTreeSet<String>,
    /// One of these types; none means any.
    pub types: BTreeSet<String>,
    /// One of these clients; none means any.
    pub clients: BTreeSet<String>,
    /// Users with one of these roles; none means any.
    pub roles: BTreeSet<String>,
    /// But not users with one of these.
    pub unless_roles: BTreeSet<String>,
    /// Tokens with these claims.
    pub claims: BTreeMap<String, String>,
}

/// What a rule in configuration does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Denies the request.
    Deny,
    /// Leaves only what the search finds.
    Only(String),
    /// Takes away what the search finds.
    Without(String),
}

impl SiteRule {
    /// Whether the rule can be applied wherever it concerns a request.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn check(&self) -> Result<(), String> {
        let wrong = |fault: &str| Err(format!("the rule \"{}\": {fault}", self.name));
        if let Some(kind) = self.when.types.iter().find(|kind| definitions::served(kind).is_none())
        {
            return wrong(&format!("{kind} is not served here"));
        }
        let asked = match &self.effect {
            Effect::Deny => return Ok(()),
            Effect::Only(asked) | Effect::Without(asked) => asked,
        };
        let concerns =
            |kind: &&&str| self.when.types.is_empty() || self.when.types.contains(**kind);
        for kind in definitions::types().iter().filter(concerns) {
            let clauses = clauses(kind, asked);
            if clauses.as_ref().is_none_or(Vec::is_empty) {
                return wrong(&format!("{kind} cannot be searched by {asked}"));
            }
        }
        Ok(())
    }
}

impl Policy for SiteRule {
    fn name(&self) -> &str {
        &self.name
    }

    fn narrow(&self, asked: &Asked<'_>) -> Result<Narrowing, Failed> {
        let nothing = Narrowing::default();
        if !self.when.concerns(asked) {
            return Ok(nothing);
        }
        Ok(match &self.effect {
            Effect::Deny => Narrowing { deny: true, ..nothing },
            Effect::Only(search) => Narrowing { only: Some(search.clone()), ..nothing },
            Effect::Without(search) => Narrowing { without: Some(search.clone()), ..nothing },
        })
    }
}

impl When {
    fn concerns(&self, asked: &Asked<'_>) -> bool {
        let among = |names: &BTreeSet<String>, name: &str| names.is_empty() || names.contains(name);
        let says = |(name, value): (&String, &String)| match asked.access.claim(name) {
            Some(Value::String(text)) => text == value,
            Some(Value::Bool(flag)) => value.parse() == Ok(*flag),
            Some(Value::Number(number)) => {
                number.as_i64().is_some_and(|number| value.parse() == Ok(number))
            }
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => false,
        };
        (among(&self.interactions, asked.interaction)
            || among(&self.interactions, asked.privilege.as_str()))
            && among(&self.types, asked.kind)
            && among(&self.clients, asked.access.client())
            && (self.roles.is_empty() || !self.roles.is_disjoint(asked.roles))
            && self.unless_roles.is_disjoint(asked.roles)
            && self.claims.iter().all(says)
    }
}

/// A search of a rule as clauses on a type. `None` where it is not understood.
pub(super) fn clauses(kind: &'static str, query: &str) -> Option<Vec<search::Clause>> {
    let pairs = search::pairs(query).ok()?;
    pairs.iter().map(|(name, value)| search::clause(kind, name, value, "").ok()).collect()
}
