//! From the pairs of a query to a [`Search`].

use std::collections::BTreeSet;

use super::criterion::Modifier;
use super::{BadSearch, Clause, Criterion, Demand, Include, Link, Search, Sort, Test, Total};
use super::{link, query};
use crate::definitions::{self, Kind, Param};
use crate::shape;

/// Reads a search of `kind`. `base` is the URL of this server, so that references by full URL are
/// known.
///
/// # Errors
/// [`BadSearch`] for anything that is not understood: a parameter that is ignored would give more
/// than was asked for.
pub fn parse(kind: &str, pairs: &[(String, String)], base: &str) -> Result<Search, BadSearch> {
    let search = lenient(kind, pairs, base)?;
    match search.ignored.first() {
        Some(name) => Err(BadSearch::Param { kind: search.kind, name: name.clone() }),
        None => Ok(search),
    }
}

/// [`parse`], except that parameters that nobody here knows are left out and listed, as R4 asks where the asker does
/// not say `Prefer: handling=strict` (§3.1.1.3.1). For searches that only show something.
///
/// # Errors
/// [`BadSearch`] for a known parameter with a modifier or value that is not understood.
pub fn lenient(kind: &str, pairs: &[(String, String)], base: &str) -> Result<Search, BadSearch> {
    let kind = definitions::served(kind).ok_or_else(|| BadSearch::Type(kind.to_owned()))?;
    let mut search = Search::all(kind);
    for (name, value) in pairs {
        let before = search.ignored.len();
        search.add(name, value, base)?;
        if search.ignored.len() == before {
            search.understood.push((name.clone(), value.clone()));
        }
    }
    // Z2: each is a variable or more of one SQL statement, and databases bear only so many.
    let own: usize = search.clauses.iter().map(|clause| clause.test.criteria().len()).sum();
    let linked: usize = search.links.iter().map(Link::criteria).sum();
    let fits = own + linked <= query::MOST_IN_ALL && search.sort.len() <= MOST_KEYS;
    let links = search.includes.len() + search.revincludes.len() + search.links.len();
    if fits && links <= MOST_LINKS { Ok(search) } else { Err(BadSearch::TooLong) }
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
    let how = modifier.unwrap_or(Modifier::None);
    let mut alternatives = query::split(value, ',');
    if how == Modifier::Above {
        alternatives = alternatives.iter().flat_map(|uri| ancestors(uri)).collect();
    }
    if alternatives.len() > query::MOST {
        return Err(BadSearch::TooLong);
    }
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
            links: Vec::new(),
            includes: Vec::new(),
            revincludes: Vec::new(),
            sort: Vec::new(),
            count: None,
            count_only: false,
            page: None,
            total: Total::default(),
            ignored: Vec::new(),
            understood: Vec::new(),
        }
    }

    fn add(&mut self, name: &str, value: &str, base: &str) -> Result<(), BadSearch> {
        let bad = || BadSearch::Value(name.to_owned());
        match name {
            "_include" | "_include:iterate" | "_include:recurse" => {
                self.includes.extend(includes(name, value).ok_or_else(bad)?);
            }
            "_revinclude" | "_revinclude:iterate" | "_revinclude:recurse" => {
                self.revincludes.extend(includes(name, value).ok_or_else(bad)?);
            }
            "_sort" => self.sort = sort(self.kind, value)?,
            "_count" => {
                let count = value.parse().map_err(|_| bad())?;
                self.count = Some(count);
                self.count_only |= count == 0;
            }
            "_summary" => {
                self.count_only |= value == "count";
                shape::summary(value).ok_or_else(bad)?;
            }
            "_elements" => shape::elements(value).map(drop).ok_or_else(bad)?,
            "_total" => self.total = total(value).ok_or_else(bad)?,
            "_page" => self.page = Some(value.to_owned()),
            // How an answer is written is not a matter of what is in it.
            "_format" | "_pretty" => {}
            _ => return self.demand(name, value, base),
        }
        self.links_fit().then_some(()).ok_or_else(bad)
    }

    /// Whether anything is asked of a resource: without criteria every one of the type is meant.
    #[must_use]
    pub fn has_criteria(&self) -> bool {
        !(self.clauses.is_empty() && self.links.is_empty())
    }

    /// The types that the search looks at on its way to what it finds, by chains and `_has` (D-38).
    #[must_use]
    pub fn through(&self) -> BTreeSet<&'static str> {
        let mut kinds = BTreeSet::new();
        self.links.iter().for_each(|link| link.collect(&mut kinds));
        kinds
    }

    /// Adds what the matches must meet.
    fn demand(&mut self, name: &str, value: &str, base: &str) -> Result<(), BadSearch> {
        let word = name.split([':', '.']).next().unwrap_or_default();
        if REFUSED.contains(&word) {
            return Err(BadSearch::Unsupported(word.to_owned()));
        }
        if word != "_has" && definitions::param(self.kind, word).is_none() {
            self.ignored.push(name.to_owned());
            return Ok(());
        }
        match link::demand(self.kind, name, value, base)? {
            Demand::Value(clause) => self.clauses.push(clause),
            Demand::Link(link) => self.links.push(*link),
        }
        Ok(())
    }

    /// Whether what comes along can be linked to what is searched, or to what came along before.
    fn links_fit(&self) -> bool {
        let here = |include: &Include| include.target.is_none_or(|target| target == self.kind);
        let from = |include: &Include| include.iterate || include.source == self.kind;
        let to = |one: &Include| one.iterate || one.param.targets(self.kind) && here(one);
        self.includes.iter().all(from) && self.revincludes.iter().all(to)
    }
}

fn total(value: &str) -> Option<Total> {
    Some(match value {
        "none" => Total::None,
        "estimate" => Total::Estimate,
        "accurate" => Total::Accurate,
        _ => return None,
    })
}

fn read_modifier(param: &Param, modifier: Option<&str>) -> Option<Modifier> {
    match (modifier, param.kind) {
        (None, _) => Some(Modifier::None),
        (Some("exact"), Kind::String) if !param.is_phonetic() => Some(Modifier::Exact),
        (Some("contains"), Kind::String) if !param.is_phonetic() => Some(Modifier::Contains),
        (Some("text"), Kind::Token) if !param.is_own_column() => Some(Modifier::Words),
        (Some("identifier"), Kind::Reference) => Some(Modifier::Identifier),
        (Some("below"), Kind::Uri) => Some(Modifier::Below),
        (Some("above"), Kind::Uri) => Some(Modifier::Above),
        (Some(kind), Kind::Reference) => {
            definitions::served(kind).filter(|kind| param.targets(kind)).map(Modifier::Type)
        }
        (
            Some(_),
            Kind::Token | Kind::Date | Kind::String | Kind::Quantity | Kind::Uri | Kind::Composite,
        ) => None,
    }
}

/// A URI and those that it is below: `http://a/b/c`, `http://a/b` and `http://a`.
fn ancestors(uri: &str) -> Vec<String> {
    let after_authority = uri.find("://").map_or(0, |at| at + 3);
    let slashes = uri.match_indices('/').map(|(at, _)| at).filter(|at| *at >= after_authority);
    let above = slashes.flat_map(|at| [uri.get(..at), uri.get(..=at)]).flatten();
    let mut found: Vec<_> =
        above.chain([uri]).filter(|one| !one.is_empty()).map(str::to_owned).collect();
    found.dedup();
    found
}

/// `Observation:subject`, `Observation:subject:Patient` or `Observation:*`.
fn includes(name: &str, value: &str) -> Option<Vec<Include>> {
    let iterate = name.contains(':');
    let mut parts = value.split(':');
    let source = definitions::served(parts.next()?)?;
    let wanted = parts.next()?;
    let params: Vec<_> = match wanted {
        "*" => definitions::params(source).iter().collect(),
        name => vec![definitions::param(source, name).filter(|p| p.kind == Kind::Reference)?],
    };
    let target = match parts.next() {
        None => None,
        Some(kind) => Some(definitions::served(kind)?),
    };
    let fits = |param: &&Param| {
        param.kind == Kind::Reference && target.is_none_or(|target| param.targets(target))
    };
    let found = params.into_iter().filter(fits);
    let found: Vec<_> = found.map(|param| Include { source, param, target, iterate }).collect();
    (parts.next().is_none() && !found.is_empty()).then_some(found)
}

fn sort(kind: &'static str, value: &str) -> Result<Vec<Sort>, BadSearch> {
    let keys = value.split(',').map(|key| {
        let (name, descending) = key.strip_prefix('-').map_or((key, false), |name| (name, true));
        let param = definitions::param(kind, name);
        let param = param.ok_or_else(|| BadSearch::Param { kind, name: name.to_owned() })?;
        if param.kind == Kind::Composite {
            return Err(BadSearch::Value("_sort".to_owned()));
        }
        Ok(Sort { param, descending })
    });
    keys.collect()
}

/// Searches of a kind that is not served: to ignore them would give far more than was asked for.
const REFUSED: [&str; 7] = ["_filter", "_list", "_text", "_content", "_query", "_type", "near"];

/// No search of ours follows more links, or has more keys.
const MOST_LINKS: usize = 100;
const MOST_KEYS: usize = 8;
