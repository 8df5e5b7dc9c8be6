//! The search of a request as the trail tells it: whom it names, and what of it each event may say.

use std::collections::BTreeSet;

use crate::reference::{Reference, below, is_id};
use crate::search::pairs;
use crate::search::query::{MOST_IN_ALL, split, unescape};

/// The ids of the patients whom a request names by itself: in its path or in a search, below `base`.
#[must_use]
pub fn named(kind: &str, id: Option<&str>, query: &str, base: &str) -> BTreeSet<String> {
    let own = id.filter(|_| kind == "Patient").map(str::to_owned);
    let ids = readable(query).flat_map(|(name, value)| {
        let untyped = names_patients(kind, &name);
        let values = split(&value, ',').into_iter();
        values.filter_map(|value| patient(&value, untyped, base)).collect::<Vec<_>>()
    });
    own.into_iter().chain(ids.take(MOST_IN_ALL)).collect()
}

/// A search as it may be told: without secrets, and without what cannot be read.
#[must_use]
pub fn tellable(query: &str) -> String {
    let parts = readable(query).map(|(name, value)| pair(&name, &value));
    parts.collect::<Vec<_>>().join("&")
}

/// What was asked (`Type?query`) as the event about one patient tells it: it names no other.
#[must_use]
pub fn narrowed(asked: &str, patient: &str, base: &str) -> String {
    let Some((path, query)) = asked.split_once('?') else { return asked.to_owned() };
    let kind = path.split('/').next().unwrap_or_default();
    let parts = readable(query).filter_map(|(name, value)| {
        let untyped = names_patients(kind, &name);
        let mut values = split(&value, ',');
        values.retain(|one| self::patient(one, untyped, base).is_none_or(|id| id == patient));
        (!values.is_empty()).then(|| pair(&name, &values.join(",")))
    });
    let query = parts.collect::<Vec<_>>().join("&");
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The decoded pairs, but for secrets, which have no place in a query, and for what is not form-encoded.
fn readable(query: &str) -> impl Iterator<Item = (String, String)> {
    let pairs = query.split('&').flat_map(|part| pairs(part).unwrap_or_default());
    pairs.filter(|(name, _)| !SECRETS.iter().any(|secret| name.eq_ignore_ascii_case(secret)))
}

/// Whether the values of a parameter are ids of patients, whose type need not be said: also at the end of a chain
/// or of `_has`.
fn names_patients(kind: &str, name: &str) -> bool {
    let (kind, name) = match name.rsplit_once("_has:") {
        Some((_, reverse)) => {
            let mut parts = reverse.splitn(3, ':');
            let kind = parts.next().unwrap_or_default();
            (kind, parts.nth(1).unwrap_or_default())
        }
        None => (kind, name),
    };
    let mut chain = name.rsplit('.').map(|part| part.split_once(':').unwrap_or((part, "")));
    let (param, modifier) = chain.next().unwrap_or_default();
    match (param, modifier) {
        ("_id", "" | "not") => chain.next().map_or(kind == "Patient", |(param, kind)| {
            kind == "Patient" || (kind.is_empty() && NAMING.contains(&param))
        }),
        (_, "Patient") => true,
        (param, modifier) => matches!(modifier, "" | "not") && NAMING.contains(&param),
    }
}

/// The patient whom a value names: by type and id, or, where only patients can be meant, by the id alone.
fn patient(value: &str, untyped: bool, base: &str) -> Option<String> {
    let value = unescape(value);
    let value = below(&value, base).unwrap_or(&value);
    match Reference::parse(value) {
        Some(reference) => (reference.kind == "Patient").then_some(reference.id),
        None => (untyped && is_id(value)).then(|| value.to_owned()),
    }
}

/// A pair of a query, with as much of it readable as may be.
fn pair(name: &str, value: &str) -> String {
    if value.is_empty() { encoded(name) } else { format!("{}={}", encoded(name), encoded(value)) }
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~,/:|$\\".contains(&byte);
    let octets = text.bytes().map(|byte| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    });
    octets.collect()
}

/// The parameters by which a search names whose record it looks into.
const NAMING: [&str; 3] = ["patient", "subject", "beneficiary"];

/// What opens something to whoever reads it. Whoever sends it in a query is refused, and the trail must not keep it.
const SECRETS: [&str; 6] = [
    "access_token",
    "client_assertion",
    "client_secret",
    "code_verifier",
    "id_token",
    "refresh_token",
];
