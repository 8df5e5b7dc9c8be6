//! What a request is told as, by its method and path alone: requests that are refused or not understood are told, too.

use crate::reference::is_id;

/// What a request is told as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The code in the value set `restful-interaction`.
    pub code: &'static str,
    /// The type in the path; empty where there is none.
    pub kind: String,
    /// The id in the path.
    pub id: Option<String>,
    /// The resource, as `Type/id` with or without a version.
    pub what: Option<String>,
}

impl Told {
    /// Of a request to a path below the base. None of the documents that anybody may read.
    #[must_use]
    pub fn of(method: &str, path: &str) -> Option<Self> {
        let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (code, id, version) = match parts.as_slice() {
            ["metadata"] | [".well-known", ..] => return None,
            [] if method == "POST" => ("batch", None, None),
            [] => ("search-system", None, None),
            ["exports", ..] => ("operation", None, None),
            [_, id, operation] if operation.starts_with('$') => ("operation", Some(*id), None),
            [.., operation] if operation.starts_with('$') => ("operation", None, None),
            [_, "_history"] => ("history-type", None, None),
            [_] | [_, "_search"] => (of_type(method, parts.len()), None, None),
            [_, id] => (of_instance(method), Some(*id), None),
            [_, id, "_history"] => ("history-instance", Some(*id), None),
            [_, id, "_history", version] => ("vread", Some(*id), Some(*version)),
            _ => ("operation", None, None),
        };
        let kind = parts.first().filter(|kind| is_id(kind)).copied().unwrap_or_default();
        let id = id.filter(|id| is_id(id) && !kind.is_empty());
        let version = version.filter(|version| is_id(version));
        let what = id.map(|id| match version {
            Some(version) => format!("{kind}/{id}/_history/{version}"),
            None => format!("{kind}/{id}"),
        });
        Some(Self { code, kind: kind.to_owned(), id: id.map(str::to_owned), what })
    }

    /// Whether it changes resources, and is told with each change where it succeeds.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(self.code, "create" | "update" | "patch" | "delete")
    }
}

/// A request to a whole type; with `_search` it has two parts.
fn of_type(method: &str, parts: usize) -> &'static str {
    match method {
        "POST" if parts == 1 => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => "search-type",
    }
}

fn of_instance(method: &str) -> &'static str {
    match method {
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        "POST" => "create",
        _ => "read",
    }
}
