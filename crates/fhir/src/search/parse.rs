//! From the pairs of a query to a [`Search`].

use std::collections::BTreeSet;

use super::criterion::Modifier;
use super::{BadSearch, Clause, Criterion, Include, Search, Sort, Test, query};
use crate::definitions::{self, Kind};

/// Reads a search of `kind`. `base` is the URL of this server, so that references by full URL are
/// known.
///
/// # Errors
/// [`BadSearch`] for anything that is not understood: a parameter that is ignored would give more
/// than was asked for.
pub fn parse(kind: &str, pairs: &[(String, String)], base: &str) -> Result<Search, BadSearch> {
    let kind = definitions::served(kind).ok_or_else(|| BadSearch::Type(kind.to_owned()))?;
    let mut search = Search::all(kind);
    for (name, value) in pairs {
        search.add(name, value, base)?;
    }
    // Z2: each is a variable or more of one SQL statement, and databases bear only so many.
    let criteria: usize = search.clauses.iter().map(|clause| clause.test.criteria().len()).sum();
    if criteria > query::MOST_IN_ALL { Err(BadSearch::TooLong) } else { Ok(search) }
}

/// Reads one parameter with its modifier, as in a query or in the constraint of a granular scope.
///
/// # Errors
/// [`BadSearch`] if the type has no such parameter, or the modifier or the value is not understood.
pub fn clause(
    kind: &'static str,
    name: &str,
    value: &str,
    base: &str,
) -> Result<Clause, BadSearch> {
    let (word, modifier) = name.split_once(':').map_or((name, None), |(n, m)| (n, Some(m)));
    let unknown = || BadSearch::Param { kind, name: name.to_owned() };
    let param = definitions::param(kind, word).ok_or_else(unknown)?;
    let bad_value = || BadSearch::Value(name.to_owned());
    let modifier = match modifier {
        Some("missing") => {
            let missing = value.parse().map_err(|_| bad_value())?;
            return Ok(Clause { param, test: Test::Missing(missing) });
        }
        Some("not") if param.kind == Kind::Token => None,
        other => {
            Some(read_modifier(param, other).ok_or_else(|| BadSearch::Modifier(name.to_owned()))?)
        }
    };
    let alternatives = query::split(value, ',');
    if alternatives.len() > query::MOST {
        return Err(BadSearch::TooLong);
    }
    let how = modifier.unwrap_or(Modifier::None);
    let criteria = alternatives.iter().map(|one| Criterion::parse(param, how, one, base));
    let criteria = criteria.collect::<Option<Vec<_>>>().ok_or_else(bad_value)?;
    let test = if modifier.is_none() { Test::Not(criteria) } else { Test::Any(criteria) };
    Ok(Clause { param, test })
}

impl Search {
    /// Every resource of a type.
    #[must_use]
    pub fn all(kind: &'static str) -> Self {
        Self {
            kind,
            clauses: Vec::new(),
            includes: Vec::new(),
            revincludes: Vec::new(),
            sort: Vec::new(),
            count: None,
            count_only: false,
            page: None,
        }
    }

    /// Whether anything is asked of a resource: without criteria every one of the type is meant.
    #[must_use]
    pub fn has_criteria(&self) -> bool {
        !self.clauses.is_empty()
    }

    /// The types that the search looks at on its way to what it finds, by chains and `_has` (D-38).
    #[must_use]
    pub fn through(&self) -> BTreeSet<&'static str> {
        BTreeSet::new()
    }

    fn add(&mut self, name: &str, value: &str, base: &str) -> Result<(), BadSearch> {
        let bad = || BadSearch::Value(name.to_owned());
        match name {
            "_include" => self.includes.push(include(value).ok_or_else(bad)?),
            "_revinclude" => self.revincludes.push(include(value).ok_or_else(bad)?),
            "_sort" => self.sort = sort(self.kind, value)?,
            "_count" => {
                let count = value.parse().map_err(|_| bad())?;
                self.count = Some(count);
                self.count_only |= count == 0;
            }
            "_summary" => match value {
                "count" => self.count_only = true,
                "false" => {}
                _ => return Err(bad()),
            },
            "_page" => self.page = Some(value.to_owned()),
            // How an answer is written is not a matter of what is in it. Whole resources and an
            // exact total are always allowed (§3.1.1.5.5, §3.1.1.5.9).
            "_format" | "_pretty" | "_elements" | "_total" => {}
            _ => self.clauses.push(clause(self.kind, name, value, base)?),
        }
        self.links_fit().then_some(()).ok_or_else(bad)
    }

    /// Whether what comes along can be linked to what is searched.
    fn links_fit(&self) -> bool {
        let here = |include: &Include| include.target.is_none_or(|target| target == self.kind);
        self.includes.iter().all(|include| include.source == self.kind)
            && self.revincludes.iter().all(|one| one.param.targets(self.kind) && here(one))
    }
}

fn read_modifier(param: &definitions::Param, modifier: Option<&str>) -> Option<Modifier> {
    match (modifier, param.kind) {
        (None, _) => Some(Modifier::None),
        (Some("exact"), Kind::String) => Some(Modifier::Exact),
        (Some("contains"), Kind::String) => Some(Modifier::Contains),
        (Some(kind), Kind::Reference) => {
            definitions::served(kind).filter(|kind| param.targets(kind)).map(Modifier::Type)
        }
        (Some(_), Kind::Token | Kind::Date | Kind::String | Kind::Quantity | Kind::Uri) => None,
    }
}

/// `Observation:subject` or `Observation:subject:Patient`.
fn include(value: &str) -> Option<Include> {
    let mut parts = value.split(':');
    let source = definitions::served(parts.next()?)?;
    let param = definitions::param(source, parts.next()?)?;
    let target = match parts.next() {
        None => None,
        Some(kind) => Some(definitions::served(kind).filter(|kind| param.targets(kind))?),
    };
    let fits = param.kind == Kind::Reference && parts.next().is_none();
    fits.then_some(Include { source, param, target })
}

fn sort(kind: &'static str, value: &str) -> Result<Vec<Sort>, BadSearch> {
    let keys = value.split(',').map(|key| {
        let (name, descending) = key.strip_prefix('-').map_or((key, false), |name| (name, true));
        let param = definitions::param(kind, name);
        let param = param.ok_or_else(|| BadSearch::Param { kind, name: name.to_owned() })?;
        Ok(Sort { param, descending })
    });
    keys.collect()
}
