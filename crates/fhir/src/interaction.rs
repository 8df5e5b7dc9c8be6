//! What a request asks of the server (FHIR R4 §3.1.0).

use fireward_scopes::Permissions;
use thiserror::Error;

use crate::definitions::served;
use crate::reference::is_id;
use crate::search::{self, BadSearch, Search};

/// A request, as far as it says what is asked.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The path below the base of the server.
    pub path: &'a str,
    /// The query string, without `?`.
    pub query: &'a str,
    /// The body of a `POST …/_search`.
    pub form: Option<&'a str>,
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
    },
    /// `GET /Type/_history`
    TypeHistory {
        /// The type.
        kind: &'static str,
    },
    /// `GET /Type?…` or `POST /Type/_search`
    Search(Search),
    /// `POST /Type`
    Create {
        /// The type.
        kind: &'static str,
    },
    /// `PUT /Type/id`
    Update {
        /// The type.
        kind: &'static str,
        /// The id.
        id: String,
    },
    /// `DELETE /Type/id`
    Delete {
        /// The type.
        kind: &'static str,
        /// The id.
        id: String,
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
            Self::Search(_) => 400,
        }
    }
}

impl Interaction {
    /// Reads what a request asks.
    ///
    /// # Errors
    /// [`NotUnderstood`] for everything that is not certainly one of the interactions above.
    pub fn parse(request: &Request<'_>) -> Result<Self, NotUnderstood> {
        let path = request.path.trim_matches('/');
        let parts: Vec<_> = path.split('/').filter(|_| !path.is_empty()).collect();
        let method = Method::parse(request.method).ok_or(NotUnderstood::Method)?;
        match parts.as_slice() {
            [] => Err(NotUnderstood::Unsupported("a request to the whole system")),
            ["metadata"] => method.only(Method::Get, Self::Capabilities),
            ["_history" | "_search"] => {
                Err(NotUnderstood::Unsupported("a request to the whole system"))
            }
            [.., last] if last.starts_with('$') => {
                Err(NotUnderstood::Unsupported("this operation"))
            }
            [kind, rest @ ..] => {
                let kind =
                    served(kind).ok_or_else(|| NotUnderstood::UnknownType((*kind).to_owned()))?;
                of_type(kind, method, rest, request)
            }
        }
    }

    /// The type that is asked about.
    #[must_use]
    pub fn kind(&self) -> Option<&'static str> {
        match self {
            Self::Capabilities => None,
            Self::Search(search) => Some(search.kind),
            Self::Read { kind, .. }
            | Self::VersionRead { kind, .. }
            | Self::History { kind, .. }
            | Self::TypeHistory { kind }
            | Self::Create { kind }
            | Self::Update { kind, .. }
            | Self::Delete { kind, .. } => Some(kind),
        }
    }

    /// The permission that a scope must give (SC-2).
    #[must_use]
    pub const fn needs(&self) -> Permissions {
        match self {
            Self::Capabilities => Permissions::NONE,
            Self::Read { .. } | Self::VersionRead { .. } | Self::History { .. } => {
                Permissions::READ
            }
            Self::TypeHistory { .. } | Self::Search(_) => Permissions::SEARCH,
            Self::Create { .. } => Permissions::CREATE,
            Self::Update { .. } => Permissions::UPDATE,
            Self::Delete { .. } => Permissions::DELETE,
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
            Self::Search(_) => "search-type",
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Delete { .. } => "delete",
        }
    }
}

/// The methods that FHIR uses. `HEAD` asks what `GET` does, without the body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Get,
    Post,
    Put,
    Delete,
    Patch,
}

impl Method {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "GET" | "HEAD" => Self::Get,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "DELETE" => Self::Delete,
            "PATCH" => Self::Patch,
            _ => return None,
        })
    }

    fn only(self, wanted: Self, interaction: Interaction) -> Result<Interaction, NotUnderstood> {
        if self == wanted { Ok(interaction) } else { Err(NotUnderstood::Method) }
    }
}

fn of_type(
    kind: &'static str,
    method: Method,
    rest: &[&str],
    request: &Request<'_>,
) -> Result<Interaction, NotUnderstood> {
    let id = |id: &str| is_id(id).then(|| id.to_owned()).ok_or(NotUnderstood::NoSuchPath);
    match rest {
        [] => whole_type(kind, method, request),
        ["_search"] => {
            let form = request.form.unwrap_or_default();
            let search = read_search(kind, &[request.query, form], request.base)?;
            method.only(Method::Post, Interaction::Search(search))
        }
        ["_history"] => method.only(Method::Get, Interaction::TypeHistory { kind }),
        [one] => instance(kind, method, id(one)?),
        [one, "_history"] => method.only(Method::Get, Interaction::History { kind, id: id(one)? }),
        [one, "_history", version] => {
            let (id, version) = (id(one)?, id(version)?);
            method.only(Method::Get, Interaction::VersionRead { kind, id, version })
        }
        _ => Err(NotUnderstood::NoSuchPath),
    }
}

fn whole_type(
    kind: &'static str,
    method: Method,
    request: &Request<'_>,
) -> Result<Interaction, NotUnderstood> {
    match method {
        Method::Get => Ok(Interaction::Search(read_search(kind, &[request.query], request.base)?)),
        Method::Post => Ok(Interaction::Create { kind }),
        Method::Put | Method::Delete | Method::Patch => {
            Err(NotUnderstood::Unsupported("a conditional update, patch or delete"))
        }
    }
}

fn instance(kind: &'static str, method: Method, id: String) -> Result<Interaction, NotUnderstood> {
    match method {
        Method::Get => Ok(Interaction::Read { kind, id }),
        Method::Put => Ok(Interaction::Update { kind, id }),
        Method::Delete => Ok(Interaction::Delete { kind, id }),
        Method::Patch => Err(NotUnderstood::Unsupported("patch")),
        Method::Post => Err(NotUnderstood::Method),
    }
}

fn read_search(kind: &str, queries: &[&str], base: &str) -> Result<Search, BadSearch> {
    let pairs = queries.iter().map(|query| search::pairs(query)).collect::<Result<Vec<_>, _>>()?;
    search::parse(kind, &pairs.concat(), base)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Interaction, NotUnderstood, Request};

    fn read(method: &str, target: &str) -> Result<Interaction, NotUnderstood> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Interaction::parse(&Request { method, path, query, form: None, base: "http://h/fhir" })
    }

    #[test]
    fn sc_2_each_interaction_needs_its_own_letter() {
        let cases = [
            ("GET", "/Patient/1", "read", "r"),
            ("HEAD", "/Patient/1", "read", "r"),
            ("GET", "/Patient/1/_history/2", "vread", "r"),
            ("GET", "/Patient/1/_history", "history-instance", "r"),
            ("GET", "/Patient/_history", "history-type", "s"),
            ("GET", "/Patient", "search-type", "s"),
            ("GET", "Patient/?name=a", "search-type", "s"),
            ("POST", "/Patient/_search", "search-type", "s"),
            ("POST", "/Patient", "create", "c"),
            ("PUT", "/Patient/1", "update", "u"),
            ("DELETE", "/Patient/1", "delete", "d"),
            ("GET", "/metadata", "capabilities", ""),
        ];
        for (method, target, code, letters) in cases {
            let interaction = read(method, target).expect(target);
            assert_eq!(interaction.code(), code, "{method} {target}");
            assert_eq!(interaction.needs().letters(), letters, "{method} {target}");
        }
    }

    #[test]
    fn what_is_not_served_is_refused_with_its_status() {
        let cases = [
            ("GET", "/Claim/1", 404),
            ("GET", "/patient/1", 404),
            ("GET", "/Patient/a_b", 404),
            ("GET", "/Patient/1/Observation", 404),
            ("GET", "/Patient/1/_history/2/3", 404),
            ("GET", "/Patient/%2e%2e", 404),
            ("GET", "/Patient/_search", 405),
            ("POST", "/Patient/1", 405),
            ("POST", "/metadata", 405),
            ("BREW", "/Patient/1", 405),
            ("POST", "/", 501),
            ("GET", "/", 501),
            ("GET", "/_history", 501),
            ("GET", "/Patient/1/$everything", 501),
            ("PATCH", "/Patient/1", 501),
            ("DELETE", "/Patient?name=a", 501),
            ("PUT", "/Patient?name=a", 501),
            ("GET", "/Patient?colour=blue", 400),
            ("GET", "/Patient?name=%zz", 400),
        ];
        for (method, target, status) in cases {
            let refused = read(method, target).expect_err(target);
            assert_eq!(refused.status(), status, "{method} {target}");
        }
    }

    #[test]
    fn a_posted_search_is_read_from_query_and_form() {
        let posted = Request {
            method: "POST",
            path: "/Observation/_search",
            query: "code=a",
            form: Some("patient=p&_count=5"),
            base: "http://h/fhir",
        };
        assert_eq!(
            Interaction::parse(&posted),
            read("GET", "/Observation?code=a&patient=p&_count=5"),
        );
    }

    proptest! {
        #[test]
        fn reading_never_panics(
            method in "GET|POST|PUT|DELETE|PATCH|.{0,5}",
            path in "(/(Patient|_history|_search|metadata|\\$x|[a-z.%-]{0,9}|.{0,4})){0,5}",
            query in "((_id|_sort|_include|name|birthdate|subject|.{0,9})(:[a-z]{0,5})?=[^&]{0,9}&?){0,4}",
        ) {
            let request = Request { method: &method, path: &path, query: &query, form: None, base: "" };
            let _ = Interaction::parse(&request);
        }
    }
}
