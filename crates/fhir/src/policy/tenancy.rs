//! Tenants: a resource is of the tenant that its `meta.tag` names (row 9).

use serde_json::{Value, json};

use super::Rules;
use crate::access::Access;
use crate::definitions;
use crate::permit::Denial;
use crate::search::{Clause, Criterion, Test};

/// How tenants are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenancy {
    /// The claim of a token that names its tenant.
    pub claim: String,
    /// The system of the tags that name the tenant of a resource.
    pub system: String,
}

/// The tenant of a request. Only its resources are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    system: String,
    code: String,
}

impl Tenant {
    /// The tenant that the token names, where the server has any.
    pub(crate) fn of(access: &Access, rules: &Rules) -> Result<Option<Self>, Denial> {
        let Some(tenancy) = &rules.tenancy else { return Ok(None) };
        let code = match access.claim(&tenancy.claim) {
            Some(Value::String(code)) if !code.is_empty() => code.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => return Err(Denial::NoTenant { claim: tenancy.claim.clone() }),
        };
        Ok(Some(Self { system: tenancy.system.clone(), code }))
    }

    /// What a resource of the type must meet to be of the tenant.
    pub(crate) fn clause(&self, kind: &str) -> Option<Clause> {
        let (system, code) = (Some(self.system.clone()), Some(self.code.clone()));
        let test = Test::Any(vec![Criterion::Token { system, code }]);
        definitions::param(kind, "_tag").map(|param| Clause { param, test })
    }

    /// Makes a resource the tenant's that does not say whose it is.
    pub(crate) fn stamp(&self, resource: &mut Value) {
        if self.codes(resource).next().is_some() {
            return;
        }
        let Some(members) = resource.as_object_mut() else { return };
        let meta = members.entry("meta").or_insert_with(|| json!({}));
        let Some(meta) = meta.as_object_mut() else { return };
        let tags = meta.entry("tag").or_insert_with(|| json!([]));
        if let Some(tags) = tags.as_array_mut() {
            tags.push(json!({ "system": self.system, "code": self.code }));
        }
    }

    /// Whether a resource would be of another tenant as well.
    pub(crate) fn shares(&self, resource: &Value) -> bool {
        self.codes(resource).any(|code| code != Some(&self.code))
    }

    fn codes<'a>(&'a self, resource: &'a Value) -> impl Iterator<Item = Option<&'a str>> {
        let tags = resource.pointer("/meta/tag").and_then(Value::as_array).into_iter().flatten();
        let ours = tags
            .filter(|tag| tag.get("system").and_then(Value::as_str) == Some(self.system.as_str()));
        ours.map(|tag| tag.get("code").and_then(Value::as_str))
    }
}
