//! A list of scopes, as `scope` parameters and tokens carry it (RFC 6749 §3.3).

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use crate::{Clinical, Invalid, Level, Scope, token};

/// Scopes in the order asked, each once. What it allows is the union of what each allows (SC-6).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScopeSet(Vec<Scope>);

/// A list read leniently: what is understood, and what is not with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sifted {
    /// The scopes that are understood.
    pub known: ScopeSet,
    /// The other tokens, as asked.
    pub refused: Vec<(String, Invalid)>,
}

impl ScopeSet {
    /// Reads a list and sets aside the tokens that are no scope of ours, for the caller to drop or
    /// refuse.
    ///
    /// # Errors
    /// [`Invalid::IllegalCharacter`] and [`Invalid::TooMany`], which spoil the whole list.
    pub fn sift(text: &str) -> Result<Sifted, Invalid> {
        let mut sifted = Sifted::default();
        let mut known = Vec::new();
        for token in tokens(text)? {
            match token.parse::<Scope>() {
                Ok(scope) => known.push(scope),
                Err(reason) => sifted.refused.push((token.to_owned(), reason)),
            }
        }
        sifted.known = known.into_iter().collect();
        Ok(sifted)
    }

    /// The scopes, in the order asked.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> + Clone {
        self.0.iter()
    }

    /// How many scopes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no scope at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this very scope, in this very form, is in the list.
    #[must_use]
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.contains(scope)
    }

    /// Whether the list as a whole allows all that `scope` would: `X.r X.s` covers `X.rs` (SC-6).
    #[must_use]
    pub fn covers(&self, scope: &Scope) -> bool {
        let Some(clinical) = scope.as_clinical() else {
            return self.0.iter().any(|mine| mine.covers(scope));
        };
        clinical.permissions().each().all(|letter| {
            let part = clinical.with_permissions(letter);
            self.clinical().any(|mine| mine.covers(&part))
        })
    }

    /// Whether `limit` covers every scope of this list.
    #[must_use]
    pub fn covered_by(&self, limit: &Self) -> bool {
        self.0.iter().all(|scope| limit.covers(scope))
    }

    /// Keeps the scopes for which `keep` says so.
    pub fn retain(&mut self, keep: impl FnMut(&Scope) -> bool) {
        self.0.retain(keep);
    }

    /// The scopes of both, those of `self` first.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).cloned().collect()
    }

    /// The scopes for health records.
    pub fn clinical(&self) -> impl Iterator<Item = &Clinical> + Clone {
        self.0.iter().filter_map(Scope::as_clinical)
    }

    /// The scopes for health records at one level.
    pub fn at_level(&self, level: Level) -> impl Iterator<Item = &Clinical> + Clone {
        self.clinical().filter(move |clinical| clinical.level() == level)
    }

    /// Whether a patient must be in context: any `patient/…` scope, `launch/patient`, or another `launch/…` for
    /// something that is a patient's (SC-14, SC-15).
    #[must_use]
    pub fn needs_patient(&self) -> bool {
        self.0.iter().any(Scope::needs_patient)
    }

    /// Whether any scope is for health records.
    #[must_use]
    pub fn is_clinical(&self) -> bool {
        self.clinical().next().is_some()
    }

    /// Whether `launch` or any `launch/…` is asked.
    #[must_use]
    pub fn has_launch(&self) -> bool {
        self.0.iter().any(|scope| matches!(scope, Scope::Launch | Scope::LaunchContext(_)))
    }

    /// Whether the strict rules for PKCE, `aud` and `state` apply (D-01, D-02).
    #[must_use]
    pub fn is_clinical_or_launch(&self) -> bool {
        self.is_clinical() || self.has_launch()
    }

    /// Whether `offline_access` is asked.
    #[must_use]
    pub fn wants_offline(&self) -> bool {
        self.contains(&Scope::OfflineAccess)
    }

    /// Whether `online_access` is asked.
    #[must_use]
    pub fn wants_online(&self) -> bool {
        self.contains(&Scope::OnlineAccess)
    }
}

impl FromStr for ScopeSet {
    type Err = Invalid;

    /// Reads a list in which every token must be a scope. Repeated spaces are forgiven.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let scopes = tokens(text)?.into_iter().map(str::parse).collect::<Result<Vec<_>, _>>()?;
        Ok(scopes.into_iter().collect())
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.0.iter().enumerate() {
            let gap = if i == 0 { "" } else { " " };
            write!(f, "{gap}{scope}")?;
        }
        Ok(())
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut seen = HashSet::new();
        Self(scopes.into_iter().filter(|scope| seen.insert(scope.clone())).collect())
    }
}

impl IntoIterator for ScopeSet {
    type Item = Scope;
    type IntoIter = std::vec::IntoIter<Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

fn tokens(text: &str) -> Result<Vec<&str>, Invalid> {
    if !text.chars().all(|c| c == ' ' || token::is_legal(c)) {
        return Err(Invalid::IllegalCharacter);
    }
    let tokens: Vec<_> = text.split(' ').filter(|token| !token.is_empty()).collect();
    if tokens.len() > MOST { Err(Invalid::TooMany) } else { Ok(tokens) }
}

/// Five scopes for each resource type of FHIR R4 would be fewer.
const MOST: usize = 1000;
