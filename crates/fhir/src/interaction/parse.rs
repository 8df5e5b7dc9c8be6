//! From method, path, query and headers to an [`Interaction`].

use super::{Everything, Interaction, NotUnderstood, Request, Versions};
use crate::definitions::served;
use crate::reference::is_id;
use crate::search::{self, BadSearch, Search};

/// The methods that FHIR uses. `HEAD` asks what `GET` does, without the body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Get,
    Post,
    Put,
    Delete,
    Patch,
}

type Parsed = Result<Interaction, NotUnderstood>;

pub(super) fn interaction(request: &Request<'_>) -> Parsed {
    let path = request.path.trim_matches('/');
    let parts: Vec<_> = path.split('/').filter(|_| !path.is_empty()).collect();
    let method = Method::parse(request.method).ok_or(NotUnderstood::Method)?;
    match parts.as_slice() {
        [] => whole_system(method),
        ["metadata"] => method.only(Method::Get, || Ok(Interaction::Capabilities)),
        ["_history"] => method.only(Method::Get, || {
            Ok(Interaction::SystemHistory { versions: Versions::parse(request.query)? })
        }),
        ["_search"] => Err(NotUnderstood::Unsupported("a search of the whole system")),
        [rest @ .., last] if last.starts_with('$') => operation(last, rest, method, request),
        [kind, rest @ ..] => {
            let kind = known(kind)?;
            of_type(kind, method, rest, request)
        }
    }
}

fn known(kind: &str) -> Result<&'static str, NotUnderstood> {
    served(kind).ok_or_else(|| NotUnderstood::UnknownType(kind.to_owned()))
}

fn known_id(id: &str) -> Result<String, NotUnderstood> {
    is_id(id).then(|| id.to_owned()).ok_or(NotUnderstood::NoSuchPath)
}

fn whole_system(method: Method) -> Parsed {
    match method {
        Method::Post => Ok(Interaction::Bundle),
        Method::Get => Err(NotUnderstood::Unsupported("a search of the whole system")),
        Method::Put | Method::Delete | Method::Patch => Err(NotUnderstood::Method),
    }
}

fn operation(name: &str, on: &[&str], method: Method, request: &Request<'_>) -> Parsed {
    match (name, on) {
        ("$everything", [kind @ ("Patient" | "Encounter"), id]) => {
            if !matches!(method, Method::Get | Method::Post) {
                return Err(NotUnderstood::Method);
            }
            let queries = [request.query, request.form.unwrap_or_default()];
            let asked = Everything::parse(known(kind)?, known_id(id)?, &queries)?;
            Ok(Interaction::Everything(asked))
        }
        ("$validate", [kind]) => {
            let kind = known(kind)?;
            method.only(Method::Post, || Ok(Interaction::Validate { kind }))
        }
        _ => Err(NotUnderstood::Unsupported("this operation")),
    }
}

fn of_type(kind: &'static str, method: Method, rest: &[&str], request: &Request<'_>) -> Parsed {
    match rest {
        [] => whole_type(kind, method, request),
        ["_search"] => {
            let form = request.form.unwrap_or_default();
            method.only(Method::Post, || {
                Ok(Interaction::Search(read_search(kind, &[request.query, form], request.base)?))
            })
        }
        ["_history"] => method.only(Method::Get, || {
            Ok(Interaction::TypeHistory { kind, versions: Versions::parse(request.query)? })
        }),
        [one] => instance(kind, method, known_id(one)?),
        [one, "_history"] => {
            let id = known_id(one)?;
            method.only(Method::Get, || {
                Ok(Interaction::History { kind, id, versions: Versions::parse(request.query)? })
            })
        }
        [one, "_history", version] => {
            let (id, version) = (known_id(one)?, known_id(version)?);
            method.only(Method::Get, || Ok(Interaction::VersionRead { kind, id, version }))
        }
        _ => Err(NotUnderstood::NoSuchPath),
    }
}

fn whole_type(kind: &'static str, method: Method, request: &Request<'_>) -> Parsed {
    let condition = || condition(kind, request.query, request.base);
    match method {
        Method::Get => Ok(Interaction::Search(read_search(kind, &[request.query], request.base)?)),
        Method::Post => match request.if_none_exist {
            None => Ok(Interaction::Create { kind }),
            Some(query) => {
                // Some clients write it as they would write the search.
                let query = match query.trim().split_once('?') {
                    Some((before, criteria)) if before.is_empty() || before == kind => criteria,
                    Some(_) | None => query.trim(),
                };
                let search = self::condition(kind, query, request.base)?;
                Ok(Interaction::ConditionalCreate(search))
            }
        },
        Method::Put => condition().map(Interaction::ConditionalUpdate),
        Method::Patch => condition().map(Interaction::ConditionalPatch),
        Method::Delete => condition().map(Interaction::ConditionalDelete),
    }
}

fn instance(kind: &'static str, method: Method, id: String) -> Parsed {
    match method {
        Method::Get => Ok(Interaction::Read { kind, id }),
        Method::Put => Ok(Interaction::Update { kind, id }),
        Method::Delete => Ok(Interaction::Delete { kind, id }),
        Method::Patch => Ok(Interaction::Patch { kind, id }),
        Method::Post => Err(NotUnderstood::Method),
    }
}

/// The criteria of a conditional interaction. What orders, pages and includes has no place among them.
fn condition(kind: &'static str, query: &str, base: &str) -> Result<Search, NotUnderstood> {
    let results = ["_include", "_revinclude", "_sort", "_count", "_page", "_summary"];
    for (name, _) in search::pairs(query)? {
        let word = name.split(':').next().unwrap_or_default();
        if results.contains(&word) {
            return Err(NotUnderstood::Parameter(name));
        }
    }
    // A parameter that is left out would let more be written than was asked for.
    let search = search::parse(kind, &search::pairs(query)?, base)?;
    if search.has_criteria() { Ok(search) } else { Err(NotUnderstood::NoCriteria) }
}

fn read_search(kind: &str, queries: &[&str], base: &str) -> Result<Search, BadSearch> {
    let pairs = queries.iter().map(|query| search::pairs(query)).collect::<Result<Vec<_>, _>>()?;
    search::lenient(kind, &pairs.concat(), base)
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

    fn only(self, wanted: Self, interaction: impl FnOnce() -> Parsed) -> Parsed {
        if self == wanted { interaction() } else { Err(NotUnderstood::Method) }
    }
}
