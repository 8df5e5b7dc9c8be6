//! Conditions on resources that are linked with the one that is searched: chains and `_has`.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::{BadSearch, Clause, parse};
use crate::definitions::{self, Kind, Param};

/// One linked resource must be so, in one of these ways.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// From whom to whom the references lead.
    pub direction: Direction,
    /// The ways: `subject.name` can be met by a patient and by a location.
    pub ways: Vec<Way>,
}

/// From whom to whom a reference leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the resource that is searched to the linked one: a chain.
    To,
    /// From the linked resource to the one that is searched: `_has`.
    From,
}

/// One way in which a link can be met.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// The reference, of the type that it leads from.
    pub param: &'static Param,
    /// The type of the linked resource.
    pub kind: &'static str,
    /// What the linked resource must meet.
    pub demand: Demand,
}

/// What a resource must meet.
#[derive(Debug, Clone, PartialEq)]
pub enum Demand {
    /// Of its own values.
    Value(Clause),
    /// Of those that it is linked with.
    Link(Box<Link>),
}

impl Link {
    /// The types of linked resources.
    pub(super) fn collect(&self, kinds: &mut BTreeSet<&'static str>) {
        for way in &self.ways {
            kinds.insert(way.kind);
            if let Demand::Link(link) = &way.demand {
                link.collect(kinds);
            }
        }
    }

    /// How many values there are to be compared.
    pub(super) fn criteria(&self) -> usize {
        self.ways.iter().map(|way| way.demand.criteria()).sum()
    }
}

impl Demand {
    fn criteria(&self) -> usize {
        match self {
            Self::Value(clause) => clause.test.criteria().len().max(1),
            Self::Link(link) => link.criteria(),
        }
    }
}

/// Reads `code`, `subject:Patient.name`, `_has:Observation:patient:code` and what these make together.
pub(super) fn demand(
    kind: &'static str,
    name: &str,
    value: &str,
    base: &str,
) -> Result<Demand, BadSearch> {
    Reading { value, base, left: Cell::new(MOST_TRIED) }.demand(kind, name, DEEPEST)
}

/// What stays the same along a chain.
struct Reading<'a> {
    value: &'a str,
    base: &'a str,
    /// How many more types may be tried.
    left: Cell<usize>,
}

impl Reading<'_> {
    fn demand(&self, kind: &'static str, name: &str, deeper: usize) -> Result<Demand, BadSearch> {
        self.left.set(self.left.get().checked_sub(1).ok_or(BadSearch::TooLong)?);
        if let Some(rest) = name.strip_prefix("_has:") {
            return self.has(kind, rest, deeper);
        }
        match name.split_once('.') {
            Some((link, rest)) => self.chain(kind, link, rest, deeper),
            None => parse::clause(kind, name, self.value, self.base).map(Demand::Value),
        }
    }

    /// `subject:Patient` and `name`, or `subject` and `name`, which may be of several types.
    fn chain(
        &self,
        kind: &'static str,
        link: &str,
        rest: &str,
        deeper: usize,
    ) -> Result<Demand, BadSearch> {
        let deeper = deeper.checked_sub(1).ok_or(BadSearch::TooLong)?;
        let (name, only) = link.split_once(':').map_or((link, None), |(n, only)| (n, Some(only)));
        let param = reference(kind, name)?;
        let wanted = |to: &&&'static str| param.targets(to) && only.is_none_or(|only| only == **to);
        let mut ways = Vec::new();
        let mut refused = None;
        for kind in definitions::types().iter().filter(wanted) {
            match self.demand(kind, rest, deeper) {
                Ok(demand) => ways.push(Way { param, kind, demand }),
                Err(BadSearch::TooLong) => return Err(BadSearch::TooLong),
                Err(reason) => refused = refused.or(Some(reason)),
            }
        }
        if ways.is_empty() {
            return Err(refused.unwrap_or_else(|| BadSearch::Modifier(link.to_owned())));
        }
        if ways.len() > MOST_WAYS {
            return Err(BadSearch::Ambiguous(link.to_owned()));
        }
        Ok(Demand::Link(Box::new(Link { direction: Direction::To, ways })))
    }

    /// `Observation:patient:code`
    fn has(&self, kind: &'static str, text: &str, deeper: usize) -> Result<Demand, BadSearch> {
        let deeper = deeper.checked_sub(1).ok_or(BadSearch::TooLong)?;
        let mut parts = text.splitn(3, ':');
        let (Some(source), Some(name), Some(rest)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(BadSearch::Value("_has".to_owned()));
        };
        let source =
            definitions::served(source).ok_or_else(|| BadSearch::Type(source.to_owned()))?;
        let param = reference(source, name)?;
        if !param.targets(kind) {
            return Err(BadSearch::Value("_has".to_owned()));
        }
        let way = Way { param, kind: source, demand: self.demand(source, rest, deeper)? };
        Ok(Demand::Link(Box::new(Link { direction: Direction::From, ways: vec![way] })))
    }
}

fn reference(kind: &'static str, name: &str) -> Result<&'static Param, BadSearch> {
    let param = definitions::param(kind, name).filter(|param| param.kind == Kind::Reference);
    param.ok_or_else(|| BadSearch::Param { kind, name: name.to_owned() })
}

/// How many links a chain may have.
const DEEPEST: usize = 4;

/// How many types a link may lead to without naming one.
const MOST_WAYS: usize = 8;

/// How many types are looked at to understand one parameter.
const MOST_TRIED: usize = 300;
