//! What a search asks (AS-2): the states of one code, of one subject or of nobody.

use thiserror::Error;

use super::{Key, state::absolute};
use crate::search::pairs;

/// Why a search cannot be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadQuery {
    /// The query is not one.
    #[error("the query cannot be read")]
    Unreadable,
    /// It names one more than once.
    #[error("a search has one code and one subject")]
    Twice,
    /// A parameter that states are not searched by.
    #[error(
        "states are searched by code and subject, or subject:missing=true, and by nothing else"
    )]
    Unknown,
    /// No `code=system|code`.
    #[error("code must be system|code")]
    Code,
    /// Neither a subject nor that there is none.
    #[error(
        "subject must be an absolute reference to a person of the FHIR server, or say subject:missing=true"
    )]
    Subject,
}

/// The key that `code=system|code&subject=…`, or `subject:missing=true`, asks for. `primary` is the base of the FHIR
/// server that subjects are on.
///
/// # Errors
/// Why not.
pub fn asked(query: &str, primary: &str) -> Result<Key, BadQuery> {
    let (mut code, mut subject, mut missing) = (None, None, None);
    for (name, value) in pairs(query).map_err(|_| BadQuery::Unreadable)? {
        let place = match name.as_str() {
            "code" => &mut code,
            "subject" => &mut subject,
            "subject:missing" => &mut missing,
            "_format" | "_pretty" => continue,
            _ => return Err(BadQuery::Unknown),
        };
        if place.replace(value).is_some() {
            return Err(BadQuery::Twice);
        }
    }
    let code = code.ok_or(BadQuery::Code)?;
    let (system, code) = code.split_once('|').ok_or(BadQuery::Code)?;
    if system.is_empty() || code.is_empty() || code.contains(['|', ',']) || system.contains(',') {
        return Err(BadQuery::Code);
    }
    let subject = match (subject, missing.as_deref()) {
        (Some(subject), None) => Some(absolute(&subject, primary).ok_or(BadQuery::Subject)?),
        (None, Some("true")) => None,
        (Some(_) | None, Some(_)) | (None, None) => return Err(BadQuery::Subject),
    };
    Ok(Key { system: system.to_owned(), code: code.to_owned(), subject })
}
