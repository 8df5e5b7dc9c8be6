//! The `?param=value` part of a granular scope (SC-7): a conjunction of search parameters.

use std::fmt;

use crate::{Invalid, token};

/// Search parameters that every resource under a scope must meet, all at once. Prints exactly as it
/// was asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Constraint {
    asked: String,
    pairs: Vec<(String, String)>,
}

impl Constraint {
    /// Reads what stands after the `?` of a scope. `%7C` and `|`, `+` and `%20` mean the same.
    ///
    /// # Errors
    /// [`Invalid::Constraint`] if a pair is empty, unnamed, unreadable, or has no value.
    pub fn parse(asked: &str) -> Result<Self, Invalid> {
        let pairs = asked.split('&').map(pair).collect::<Option<Vec<_>>>();
        let pairs = pairs.ok_or(Invalid::Constraint)?;
        Ok(Self { asked: asked.to_owned(), pairs })
    }

    /// The constraint of these decoded pairs, in canonical spelling.
    pub(crate) fn of(pairs: Vec<(String, String)>) -> Self {
        let spelled: Vec<_> = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", token::encode(name), token::encode(value)))
            .collect();
        Self { asked: spelled.join("&"), pairs }
    }

    /// The pairs, decoded, in the order asked. A resource must meet every one; commas inside a
    /// value separate alternatives, as in a search (FHIR R4 §3.1.1.4.17).
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether whatever meets `other` meets this too, as far as can be told from the text alone.
    pub(crate) fn follows_from(&self, other: &Self) -> bool {
        self.pairs.iter().all(|mine| other.pairs.iter().any(|theirs| implies(theirs, mine)))
    }

    /// What meets both: the pairs of both, without those that say nothing new.
    pub(crate) fn and(&self, other: &Self) -> Self {
        let all: Vec<_> = self.pairs.iter().chain(&other.pairs).collect();
        let needed = all.iter().enumerate().filter(|(i, pair)| {
            !all.iter().enumerate().any(|(j, by)| {
                // Of two that say the same, the first stays.
                i != &j && implies(by, pair) && (j < *i || !implies(pair, by))
            })
        });
        Self::of(needed.map(|(_, pair)| (*pair).clone()).collect())
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.asked)
    }
}

type Pair = (String, String);

fn pair(raw: &str) -> Option<Pair> {
    let (name, value) = raw.split_once('=')?;
    let (name, value) = (token::decode(name)?, token::decode(value)?);
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:".contains(c));
    (named && !value.trim().is_empty()).then_some((name, value))
}

/// Whether `strict` leaves no resource that `loose` would not allow: the same parameter, and each
/// alternative of `strict` is one of `loose`. A modifier may turn that around (`:not`), so there
/// only equals imply.
fn implies(strict: &Pair, loose: &Pair) -> bool {
    if strict.0 != loose.0 {
        return false;
    }
    if strict.1 == loose.1 {
        return true;
    }
    let allowed = alternatives(&loose.1);
    !strict.0.contains(':') && alternatives(&strict.1).iter().all(|one| allowed.contains(one))
}

/// Splits at the commas that no `\` escapes (FHIR R4 §3.1.1.4.5).
fn alternatives(value: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in value.chars() {
        match (c, parts.last_mut()) {
            (',', _) if !escaped => parts.push(String::new()),
            (_, Some(part)) => part.push(c),
            (_, None) => {}
        }
        escaped = c == '\\' && !escaped;
    }
    parts
}
