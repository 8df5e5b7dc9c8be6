//! Versions on the wire: `ETag`, If-Match, If-None-Match and Prefer (FHIR R4 http.html#concurrency, RFC 9110 §13, RFC 7240).

use actix_web::http::header::{HeaderMap, HeaderName};

/// A condition on the current version of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `*`: there is a current version, whichever.
    Any,
    /// One of these versions.
    OneOf(Vec<u64>),
}

impl Condition {
    /// Whether the version is among those that are named.
    #[must_use]
    pub fn names(&self, version: u64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}

/// A header that is there but cannot be read. Ignoring it would overwrite what its sender meant to protect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// Reads `If-Match` or `If-None-Match`.
///
/// # Errors
/// It is there and holds no entity tags.
pub fn condition(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Condition>, Unreadable> {
    let mut versions = Vec::new();
    for value in headers.get_all(name) {
        let value = value.to_str().map_err(|_| Unreadable)?.trim();
        if value == "*" {
            return Ok(Some(Condition::Any));
        }
        for tag in value.split(',') {
            versions.push(version_in(tag.trim()).ok_or(Unreadable)?);
        }
    }
    Ok((!versions.is_empty()).then_some(Condition::OneOf(versions)))
}

/// `W/"3"`; `"3"` and a bare `3` are taken too, because clients send them.
fn version_in(tag: &str) -> Option<u64> {
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let tag = tag.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(tag);
    tag.bytes().all(|b| b.is_ascii_digit()).then(|| tag.parse().ok())?
}

/// The entity tag of a version.
#[must_use]
pub fn etag(version: u64) -> String {
    format!("W/\"{version}\"")
}

/// What the answer to a write should hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// Nothing but headers.
    Minimal,
    /// The resource as it is stored.
    Representation,
    /// An outcome that says how it went.
    OperationOutcome,
}

/// Reads `Prefer: return=…`; without it the resource is returned.
#[must_use]
pub fn preferred_return(headers: &HeaderMap) -> Return {
    let values = headers.get_all("prefer").filter_map(|v| v.to_str().ok());
    let mut preferences = values.flat_map(|v| v.split([',', ';'])).map(str::trim);
    preferences
        .find_map(|preference| match preference {
            "return=minimal" => Some(Return::Minimal),
            "return=OperationOutcome" => Some(Return::OperationOutcome),
            "return=representation" => Some(Return::Representation),
            _ => None,
        })
        .unwrap_or(Return::Representation)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderValue, IF_MATCH};

    use super::*;

    fn read(value: &'static str) -> Result<Option<Condition>, Unreadable> {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, HeaderValue::from_static(value));
        condition(&headers, &IF_MATCH)
    }

    #[test]
    fn versions_are_read_in_every_common_spelling() {
        for spelling in ["W/\"3\"", "\"3\"", "3", " W/\"3\" "] {
            assert_eq!(read(spelling), Ok(Some(Condition::OneOf(vec![3]))), "{spelling}");
        }
        assert_eq!(read("W/\"3\", \"4\""), Ok(Some(Condition::OneOf(vec![3, 4]))));
        assert_eq!(read("*"), Ok(Some(Condition::Any)));
        assert_eq!(condition(&HeaderMap::new(), &IF_MATCH), Ok(None));
    }

    #[test]
    fn a_condition_that_cannot_be_read_is_not_ignored() {
        for nonsense in ["W/\"x\"", "", "\"", "-1", "+1", "99999999999999999999999"] {
            assert_eq!(read(nonsense), Err(Unreadable), "{nonsense:?}");
        }
    }

    #[test]
    fn the_preference_is_found_among_others() {
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_static("prefer");
        assert_eq!(preferred_return(&headers), Return::Representation);
        headers.insert(name, HeaderValue::from_static("handling=strict, return=minimal"));
        assert_eq!(preferred_return(&headers), Return::Minimal);
    }
}
