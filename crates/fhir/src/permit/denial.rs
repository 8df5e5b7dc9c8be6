//! Why a request is denied, and how that is said over HTTP (RFC 6750 §3).

use fireward_scopes::{Level, Permissions};
use thiserror::Error;

use crate::decision::Check;
use crate::interaction::Privilege;

/// Which check failed. Each names itself to the client, so that its developer knows what to ask
/// for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Denial {
    /// No token was presented.
    #[error("an access token is needed")]
    NoToken,
    /// The token is expired, not ours, or not for this server. The text says which.
    #[error("the access token is not accepted: {0}")]
    BadToken(&'static str),
    /// The token is for another server (AL-26).
    #[error(
        "the access token is not accepted: it is for another server, and here its aud must be {expected}"
    )]
    WrongAudience {
        /// The FHIR base of this server.
        expected: String,
    },
    /// The token opens no health record at all.
    #[error("the token has no scope for health records: none at patient/, user/ or system/ level")]
    NoClinicalScope,
    /// No scope of the token gives this permission on this type.
    #[error("no scope of the token allows this; {} would", self.scope().unwrap_or_default())]
    NoScope {
        /// The level at which the token has scopes.
        level: Level,
        /// The type.
        kind: &'static str,
        /// The permission.
        needs: Permissions,
    },
    /// The only scopes that would do are at patient level, and the token names no patient.
    #[error("the token has patient/ scopes and no patient in context")]
    NoPatient,
    /// The only scopes that would do are at user level, and the token does not say whose rights
    /// count.
    #[error("the token has user/ scopes and does not say which user of this server it is for")]
    UnknownUser,
    /// The scope's constraint uses a search parameter that the type does not have here.
    #[error("the constraint of the scope cannot be applied to {kind}")]
    UnusableConstraint {
        /// The type.
        kind: &'static str,
    },
    /// A search names a patient who is not the one in context (D-37).
    #[error("the search names another patient than the one in context")]
    OtherPatient,
    /// What would be written is not part of the record in context, or outside the scope's
    /// constraint (D-40).
    #[error("this {kind} would not be within what the token opens")]
    NotInContext {
        /// The type.
        kind: &'static str,
    },
    /// The audit trail grows by itself.
    #[error("the audit trail is read only")]
    AppendOnly,
    /// The search finds what the token does not open, and the server refuses such searches (rows 82, 84).
    #[error(
        "the search finds resources that the token does not open, and this server refuses such searches"
    )]
    Beyond,
    /// `$everything` would have to leave a resource out that no scope covers (row 87).
    #[error("no scope of the token covers a resource of type {kind} that is part of everything")]
    Uncovered {
        /// Its type.
        kind: &'static str,
    },
    /// An entry of a transaction is denied, and with it the whole (row 64).
    #[error("entry[{at}] of the transaction is denied: {denial}")]
    Entry {
        /// The number of the entry, from 0.
        at: usize,
        /// Why.
        denial: Box<Denial>,
    },
    /// No role of the user has this privilege on the server (rows 62 to 65).
    #[error("no role of the user gives the privilege to {} {resource}", privilege.as_str())]
    NoRole {
        /// The name of the required resource.
        resource: String,
        /// What it takes.
        privilege: Privilege,
    },
    /// The token does not say of which tenant it is (row 9).
    #[error("the token does not say of which tenant it is: its claim {claim} is missing")]
    NoTenant {
        /// The name of the claim.
        claim: String,
    },
    /// A rule of the site denies it (row 11).
    #[error("the rule \"{rule}\" of this server denies it")]
    Policy {
        /// The name of the rule.
        rule: String,
    },
    /// A rule of the site cannot be applied, so nothing is allowed (row 11).
    #[error("the rule \"{rule}\" of this server cannot be applied, so nothing is allowed")]
    BrokenPolicy {
        /// The name of the rule.
        rule: String,
    },
    /// The resource is there, and the server says so to those who may not see it (`hide = false`).
    #[error("the token does not open this resource")]
    OutOfReach,
    /// The resource is not there, or must look as if it were not (D-36).
    #[error("there is no such resource")]
    NotFound,
}

impl Denial {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NoToken | Self::BadToken(_) | Self::WrongAudience { .. } => 401,
            Self::NoClinicalScope
            | Self::NoScope { .. }
            | Self::NoPatient
            | Self::UnknownUser
            | Self::UnusableConstraint { .. }
            | Self::OtherPatient
            | Self::NotInContext { .. }
            | Self::AppendOnly
            | Self::Beyond
            | Self::Uncovered { .. }
            | Self::Entry { .. }
            | Self::NoRole { .. }
            | Self::NoTenant { .. }
            | Self::Policy { .. }
            | Self::BrokenPolicy { .. }
            | Self::OutOfReach => 403,
            Self::NotFound => 404,
        }
    }

    /// The `error` of `WWW-Authenticate`. None where nothing was presented (RFC 6750 §3), or
    /// nothing is wrong with the token.
    #[must_use]
    pub const fn error(&self) -> Option<&'static str> {
        match self {
            Self::NoToken | Self::NotFound => None,
            Self::BadToken(_) | Self::WrongAudience { .. } => Some("invalid_token"),
            Self::NoClinicalScope
            | Self::NoScope { .. }
            | Self::NoPatient
            | Self::UnknownUser
            | Self::UnusableConstraint { .. }
            | Self::OtherPatient
            | Self::NotInContext { .. }
            | Self::AppendOnly
            | Self::Beyond
            | Self::Uncovered { .. }
            | Self::Entry { .. }
            | Self::NoRole { .. }
            | Self::NoTenant { .. }
            | Self::Policy { .. }
            | Self::BrokenPolicy { .. }
            | Self::OutOfReach => Some("insufficient_scope"),
        }
    }

    /// The `scope` of `WWW-Authenticate`: what would have been enough.
    #[must_use]
    pub fn scope(&self) -> Option<String> {
        match self {
            Self::NoScope { level, kind, needs } => {
                Some(format!("{}/{kind}.{needs}", level.as_str()))
            }
            Self::Entry { denial, .. } => denial.scope(),
            Self::NoToken
            | Self::BadToken(_)
            | Self::WrongAudience { .. }
            | Self::NotFound
            | Self::NoClinicalScope
            | Self::NoPatient
            | Self::UnknownUser
            | Self::UnusableConstraint { .. }
            | Self::OtherPatient
            | Self::NotInContext { .. }
            | Self::AppendOnly
            | Self::Beyond
            | Self::Uncovered { .. }
            | Self::NoRole { .. }
            | Self::NoTenant { .. }
            | Self::Policy { .. }
            | Self::BrokenPolicy { .. }
            | Self::OutOfReach => None,
        }
    }

    /// Which check failed.
    #[must_use]
    pub const fn check(&self) -> Check {
        match self {
            Self::NoToken | Self::BadToken(_) | Self::WrongAudience { .. } => Check::Token,
            Self::NoClinicalScope | Self::NoScope { .. } | Self::Uncovered { .. } => Check::Scope,
            Self::NoPatient | Self::UnknownUser | Self::NotInContext { .. } => Check::Context,
            Self::UnusableConstraint { .. } => Check::Constraint,
            Self::OtherPatient | Self::Beyond => Check::Search,
            Self::Entry { denial, .. } => denial.check(),
            Self::NoRole { .. } => Check::RequiredResource,
            Self::NoTenant { .. } => Check::Tenant,
            Self::Policy { .. } | Self::BrokenPolicy { .. } => Check::Policy,
            Self::OutOfReach | Self::NotFound | Self::AppendOnly => Check::Resource,
        }
    }

    /// What the check was about: the type, the rule, the required resource.
    #[must_use]
    pub fn about(&self) -> Option<String> {
        match self {
            Self::NoScope { kind, .. }
            | Self::UnusableConstraint { kind }
            | Self::NotInContext { kind }
            | Self::Uncovered { kind } => Some((*kind).to_owned()),
            Self::Entry { at, .. } => Some(format!("entry[{at}]")),
            Self::NoRole { resource, .. } => Some(resource.clone()),
            Self::NoTenant { claim } => Some(claim.clone()),
            Self::Policy { rule } | Self::BrokenPolicy { rule } => Some(rule.clone()),
            Self::NoToken
            | Self::BadToken(_)
            | Self::WrongAudience { .. }
            | Self::NoClinicalScope
            | Self::NoPatient
            | Self::UnknownUser
            | Self::OtherPatient
            | Self::AppendOnly
            | Self::Beyond
            | Self::OutOfReach
            | Self::NotFound => None,
        }
    }

    /// The value of `WWW-Authenticate`, for a scheme such as `Bearer`. None with 404.
    #[must_use]
    pub fn challenge(&self, scheme: &str) -> Option<String> {
        if matches!(self, Self::NotFound) {
            return None;
        }
        let error = self.error().map(|error| format!("error=\"{error}\""));
        let described = error.is_some().then(|| format!("error_description=\"{self}\""));
        let scope = self.scope().map(|scope| format!("scope=\"{scope}\""));
        let parts: Vec<_> = [error, described, scope].into_iter().flatten().collect();
        Some(format!("{scheme} {}", parts.join(", ")).trim_end().to_owned())
    }

    /// The code of the `OperationOutcome` issue (FHIR R4 value set `issue-type`).
    #[must_use]
    pub const fn issue(&self) -> &'static str {
        match self {
            Self::NoToken | Self::BadToken(_) | Self::WrongAudience { .. } => "login",
            Self::NotFound => "not-found",
            Self::NoClinicalScope
            | Self::NoScope { .. }
            | Self::NoPatient
            | Self::UnknownUser
            | Self::UnusableConstraint { .. }
            | Self::OtherPatient
            | Self::NotInContext { .. }
            | Self::AppendOnly
            | Self::Beyond
            | Self::Uncovered { .. }
            | Self::Entry { .. }
            | Self::NoRole { .. }
            | Self::NoTenant { .. }
            | Self::Policy { .. }
            | Self::BrokenPolicy { .. }
            | Self::OutOfReach => "forbidden",
        }
    }
}
