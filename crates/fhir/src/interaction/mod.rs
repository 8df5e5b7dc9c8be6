//! What a request asks of the server (FHIR R4 §3.1.0).

mod bundle;
mod everything;
mod parse;
mod versions;

#[cfg(test)]
mod tests;

use fireward_scopes::Permissions;
use thiserror::Error;

pub use bundle::{BadBundle, Bundle, Entry, Mode};
pub use everything::Everything;
pub use versions::Versions;

use crate::search::{BadSearch, Search};

/// A request, as far as it says what is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path below the base of the server.
    pub path: &'a str,
    /// The query string, without `?`.
    pub query: &'a str,
    /// The body of a `POST …/_search`.
    pub form: Option<&'a str>,
    /// The header `If-None-Exist`, which makes a create conditional (§3.1.0.8.1).
    pub if_none_exist: Option<&'a str>,
    /// The base URL of this server.
    pub base: &'a str,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Interaction {
    /// `GET /metadata`
    Capabilities,
    /// `GET /Type/id`
    Read {
        /// The type.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// `GET /Type/id/_history/version`
    VersionRead {
        /// The type.
        kind: &'static str,
        /// The id.
        id: String,
        /// The version.
        version: String,
    },
    /// `GET /Type/id/_history`
    History {
        /// The type.
        kind: &'static str,
        /// The id.
        id: String,
        /// Which versions.
        versions: Versions,
    },
    /// `GET /Type/_history`
    TypeHistory {
        /// The type.
        kind: &'static str,
        /// Which versions.
        versions: Versions,
    },
    /// `GET /_history`
    SystemHistory {
        /// Which versions.
        versions: Versions,
    },
    /// `GET /Type?…` or `POST /Type/_search`
    Search(Search),
    /// `POST /Type`
    Create {
        /// The type.
        kind: &'static str,
    },
    /// `POST /Type` with `If-None-Exist`: nothing is created where the search finds something.
    ConditionalCreate(Search),
    /// `PUT /Type/id`
    Update {
        /// The type.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// `PUT /Type?…`: the one that the search finds, or a new one.
    ConditionalUpdate(Search),
    /// `PATCH /Type/id`
    Patch {
        /// The type.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// `PATCH /Type?…`: the one that the search finds.
    ConditionalPatch(Search),
    /// `DELETE /Type/id`
    Delete {
        /// The type.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// `DELETE /Type?…`: what the search finds.
    ConditionalDelete(Search),
    /// `POST /`: a batch or a transaction, of which each entry is decided for itself ([`Bundle`]).
    Bundle,
    /// `GET` or `POST /Patient/id/$everything`, and of an Encounter
    Everything(Everything),
    /// `POST /Type/$validate`: says whether the body is a resource, and touches none.
    Validate {
        /// The type.
        kind: &'static str,
    },
}

/// Why a request is not an interaction of this server.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotUnderstood {
    /// The type is not served.
    #[error("{0} is not a resource type that is served here")]
    UnknownType(String),
    /// The path leads nowhere.
    #[error("there is nothing at this path")]
    NoSuchPath,
    /// The path exists, the method does not.
    #[error("this method cannot be used here")]
    Method,
    /// FHIR has it, this server has not.
    #[error("{0} is not supported here")]
    Unsupported(&'static str),
    /// A conditional interaction says nothing of what it is about (§3.1.0.7.1).
    #[error(
        "a conditional interaction needs search criteria: without any, every resource would meet them"
    )]
    NoCriteria,
    /// The interaction has no such parameter.
    #[error("there is no parameter `{0}` here")]
    Parameter(String),
    /// The search cannot be read.
    #[error(transparent)]
    Search(#[from] BadSearch),
}

impl NotUnderstood {
    /// The HTTP status that says so.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::UnknownType(_) | Self::NoSuchPath => 404,
            Self::Method => 405,
            Self::Unsupported(_) => 501,
            Self::NoCriteria => 412,
            Self::Parameter(_) | Self::Search(_) => 400,
        }
    }

    /// The code of the `OperationOutcome` issue (FHIR R4 value set `issue-type`).
    #[must_use]
    pub const fn issue(&self) -> &'static str {
        match self {
            Self::UnknownType(_) | Self::Method | Self::Unsupported(_) => "not-supported",
            Self::NoSuchPath => "not-found",
            Self::NoCriteria => "multiple-matches",
            Self::Parameter(_) | Self::Search(_) => "invalid",
        }
    }
}

/// Whether an interaction changes records (row 63): the privilege on a required resource that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Privilege {
    /// Everything that changes nothing.
    Read,
    /// Create, update, patch and delete, conditional or not. Whoever may write may read.
    Write,
}

impl Privilege {
    /// The word in configuration and explanations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

impl Interaction {
    /// Reads what a request asks.
    ///
    /// # Errors
    /// [`NotUnderstood`] for everything that is not certainly one of the interactions above.
    pub fn parse(request: &Request<'_>) -> Result<Self, NotUnderstood> {
        parse::interaction(request)
    }

    /// The type that is asked about, if it is one.
    #[must_use]
    pub fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Capabilities | Self::SystemHistory { .. } | Self::Bundle => None,
            Self::Search(search)
            | Self::ConditionalCreate(search)
            | Self::ConditionalUpdate(search)
            | Self::ConditionalPatch(search)
            | Self::ConditionalDelete(search) => Some(search.kind),
            Self::Everything(everything) => Some(everything.kind),
            Self::Read { kind, .. }
            | Self::VersionRead { kind, .. }
            | Self::History { kind, .. }
            | Self::TypeHistory { kind, .. }
            | Self::Create { kind }
            | Self::Update { kind, .. }
            | Self::Patch { kind, .. }
            | Self::Delete { kind, .. }
            | Self::Validate { kind } => Some(kind),
        }
    }

    /// The permissions that scopes must give (SC-2; D-40). Those of a conditional form may come from two scopes.
    #[must_use]
    pub const fn needs(&self) -> Permissions {
        let finding = Permissions::SEARCH;
        match self {
            Self::Capabilities | Self::Bundle | Self::Validate { .. } => Permissions::NONE,
            Self::Read { .. } | Self::VersionRead { .. } | Self::History { .. } => {
                Permissions::READ
            }
            Self::TypeHistory { .. } | Self::SystemHistory { .. } | Self::Search(_) => finding,
            Self::Create { .. } => Permissions::CREATE,
            Self::ConditionalCreate(_) => Permissions::CREATE.union(finding),
            Self::Update { .. } | Self::Patch { .. } => Permissions::UPDATE,
            Self::ConditionalUpdate(_) | Self::ConditionalPatch(_) => {
                Permissions::UPDATE.union(finding)
            }
            Self::Delete { .. } => Permissions::DELETE,
            Self::ConditionalDelete(_) => Permissions::DELETE.union(finding),
            // What v1 calls read: it finds resources and reads them.
            Self::Everything(_) => Permissions::V1_READ,
        }
    }

    /// The privilege on a required resource that it takes (row 63). Of a bundle, see [`Bundle::privilege`].
    #[must_use]
    pub const fn privilege(&self) -> Privilege {
        match self {
            Self::Create { .. }
            | Self::ConditionalCreate(_)
            | Self::Update { .. }
            | Self::ConditionalUpdate(_)
            | Self::Patch { .. }
            | Self::ConditionalPatch(_)
            | Self::Delete { .. }
            | Self::ConditionalDelete(_) => Privilege::Write,
            Self::Capabilities
            | Self::Read { .. }
            | Self::VersionRead { .. }
            | Self::History { .. }
            | Self::TypeHistory { .. }
            | Self::SystemHistory { .. }
            | Self::Search(_)
            | Self::Bundle
            | Self::Everything(_)
            | Self::Validate { .. } => Privilege::Read,
        }
    }

    /// The code of the interaction, as capability statements and audit records have it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Capabilities => "capabilities",
            Self::Read { .. } => "read",
            Self::VersionRead { .. } => "vread",
            Self::History { .. } => "history-instance",
            Self::TypeHistory { .. } => "history-type",
            Self::SystemHistory { .. } => "history-system",
            Self::Search(_) => "search-type",
            Self::Create { .. } | Self::ConditionalCreate(_) => "create",
            Self::Update { .. } | Self::ConditionalUpdate(_) => "update",
            Self::Patch { .. } | Self::ConditionalPatch(_) => "patch",
            Self::Delete { .. } | Self::ConditionalDelete(_) => "delete",
            Self::Bundle => "batch",
            Self::Everything(_) | Self::Validate { .. } => "operation",
        }
    }

    /// The id of the resource that is asked about, if it is one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Read { id, .. }
            | Self::VersionRead { id, .. }
            | Self::History { id, .. }
            | Self::Update { id, .. }
            | Self::Patch { id, .. }
            | Self::Delete { id, .. } => Some(id),
            Self::Everything(everything) => Some(&everything.id),
            Self::Capabilities
            | Self::TypeHistory { .. }
            | Self::SystemHistory { .. }
            | Self::Search(_)
            | Self::Create { .. }
            | Self::ConditionalCreate(_)
            | Self::ConditionalUpdate(_)
            | Self::ConditionalPatch(_)
            | Self::ConditionalDelete(_)
            | Self::Bundle
            | Self::Validate { .. } => None,
        }
    }

    /// The search that a conditional form begins with.
    #[must_use]
    pub const fn condition(&self) -> Option<&Search> {
        match self {
            Self::ConditionalCreate(search)
            | Self::ConditionalUpdate(search)
            | Self::ConditionalPatch(search)
            | Self::ConditionalDelete(search) => Some(search),
            Self::Capabilities
            | Self::Read { .. }
            | Self::VersionRead { .. }
            | Self::History { .. }
            | Self::TypeHistory { .. }
            | Self::SystemHistory { .. }
            | Self::Search(_)
            | Self::Create { .. }
            | Self::Update { .. }
            | Self::Patch { .. }
            | Self::Delete { .. }
            | Self::Bundle
            | Self::Everything(_)
            | Self::Validate { .. } => None,
        }
    }
}
