//! What a site lays down beyond scopes. Everything here can only narrow what scopes allow, but for
//! [`Rules::shared_without_scope`], which a site has to ask for.

mod consent;
mod label;
mod narrow;
mod required;
mod rule;
mod tenancy;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

pub use consent::Consents;
pub use label::Label;
pub(crate) use narrow::{Act, Narrowed};
pub use required::RequiredResource;
pub use rule::{Asked, Effect, Failed, Narrowing, Policy, SiteRule, When};
pub use tenancy::{Tenancy, Tenant};

use crate::access::Access;

/// The rules of a server, which hold for every request.
#[derive(Debug, Clone)]
pub struct Rules {
    /// What is done about matches and inclusions that the token does not open (rows 82, 84).
    pub search: SearchEnforcement,
    /// Whether an instance that the token does not reach looks as if it were not there: 404, else 403 (D-36).
    pub hide: bool,
    /// Whether shared types that a readable resource of the record refers to can be read without a scope of their own
    /// (row 77; D-35).
    pub shared_without_scope: bool,
    /// Whether required resource, labels, consents and policies do not concern a token that has `system/` scopes alone
    /// and no user (row 74). The tenant always does.
    pub system_skips: bool,
    /// The claim that names the user's roles.
    pub roles_claim: String,
    /// Which roles may read and write here at all (rows 62 to 65).
    pub required: Option<RequiredResource>,
    /// How the records of tenants are kept apart (row 9).
    pub tenancy: Option<Tenancy>,
    /// Labelled resources that only some may see (row 46).
    pub labels: Vec<Label>,
    /// What patients have denied.
    pub consents: Arc<Consents>,
    /// The site's own rules (row 11). All of them narrow.
    pub policies: Vec<Arc<dyn Policy>>,
}

/// What is done about matches of a search that the token does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SearchEnforcement {
    /// They are left out.
    #[default]
    Filter,
    /// The search is refused with 403.
    Reject,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            search: SearchEnforcement::Filter,
            hide: true,
            shared_without_scope: false,
            system_skips: true,
            roles_claim: "roles".to_owned(),
            required: None,
            tenancy: None,
            labels: Vec::new(),
            consents: Arc::default(),
            policies: Vec::new(),
        }
    }
}

impl Rules {
    /// The roles of the user: what the claim says, and `fhirUser/Type` by the kind of user that signed in.
    #[must_use]
    pub fn roles(&self, access: &Access) -> BTreeSet<String> {
        let claimed = match access.claim(&self.roles_claim) {
            Some(Value::String(role)) => vec![role.clone()],
            Some(Value::Array(roles)) => {
                roles.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {
                Vec::new()
            }
        };
        // No issuer's role is taken for what the token's user is.
        let claimed = claimed.into_iter().filter(|role| !role.starts_with(KIND_OF_USER));
        let kind = access.user().filter(|user| !user.kind.is_empty());
        claimed.chain(kind.map(|user| format!("{KIND_OF_USER}{}", user.kind))).collect()
    }

    /// Whether rules about users do not concern this token (row 74).
    #[must_use]
    pub fn skips(&self, access: &Access) -> bool {
        self.system_skips && access.is_system_alone()
    }

    /// Whether anything is laid down that a token of a system alone would skip, so that skipping it is worth telling.
    #[must_use]
    pub fn concern_users(&self) -> bool {
        self.required.is_some()
            || !self.labels.is_empty()
            || !self.consents.is_empty()
            || !self.policies.is_empty()
    }
}

/// Before the type of `fhirUser`, in the names of roles.
pub(crate) const KIND_OF_USER: &str = "fhirUser/";
