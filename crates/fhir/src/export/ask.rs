//! From the parameters of a kick-off to an [`Export`].

use super::{BadExport, Export, Level};
use crate::definitions::served;
use crate::index::date;
use crate::search::{self, BadSearch, Search};

/// Reads a kick-off. With `lenient` (`Prefer: handling=lenient`) what is not supported is left out, and said; what
/// would widen the export if it were left out is an error all the same. `base` is the URL of this server.
///
/// # Errors
/// [`BadExport`] for what is not certainly understood.
pub fn parse(
    level: Level,
    pairs: &[(String, String)],
    lenient: bool,
    base: &str,
) -> Result<Export, BadExport> {
    let export = Export {
        level,
        since: None,
        until: None,
        types: Vec::new(),
        filters: Vec::new(),
        ignored: Vec::new(),
    };
    let mut reader = Reader { export, lenient, base, types_named: false };
    for (name, value) in pairs {
        reader.add(name, value)?;
    }
    reader.finish()
}

struct Reader<'a> {
    export: Export,
    lenient: bool,
    base: &'a str,
    types_named: bool,
}

impl Reader<'_> {
    fn add(&mut self, name: &str, value: &str) -> Result<(), BadExport> {
        match name {
            "_outputFormat" => format(value),
            "_since" => {
                let since = instant("_since", value)?;
                self.export.since = self.export.since.max(Some(since));
                Ok(())
            }
            "_until" => {
                let until = instant("_until", value)?;
                self.export.until = Some(self.export.until.map_or(until, |kept| kept.min(until)));
                Ok(())
            }
            "_type" => {
                self.types_named = true;
                value.split(',').map(str::trim).try_for_each(|kind| self.kind(kind))
            }
            "_typeFilter" => queries(value).into_iter().try_for_each(|query| self.filter(query)),
            // How the answer to the kick-off is written; there is one way.
            "_format" => Ok(()),
            other => self.leave_out(other),
        }
    }

    fn kind(&mut self, name: &str) -> Result<(), BadExport> {
        let Some(kind) = served(name).filter(|kind| self.export.level.has(kind)) else {
            return self.leave_out(&format!("_type={name}"));
        };
        if !self.export.types.contains(&kind) {
            self.export.types.push(kind);
        }
        Ok(())
    }

    /// Left out, a filter would let more through than was asked, and so would a filter with less in it: never so.
    fn filter(&mut self, query: &str) -> Result<(), BadExport> {
        let wrong = |fault: String| BadExport::Value { name: "_typeFilter", fault };
        let (name, query) = query.split_once('?').unwrap_or((query, ""));
        let kind =
            served(name).ok_or_else(|| wrong(BadSearch::Type(name.to_owned()).to_string()))?;
        let mut filter = Search::all(kind);
        for (name, value) in search::pairs(query)? {
            // Not `search::parse`: what orders, pages and includes has no place here.
            let clause = search::clause(kind, &name, &value, self.base);
            filter.clauses.push(clause.map_err(|fault| wrong(fault.to_string()))?);
        }
        if filter.clauses.is_empty() {
            return Err(wrong(format!("{kind} has no search after a question mark")));
        }
        self.export.filters.push(filter);
        let criteria = self.export.filters.iter().flat_map(|filter| &filter.clauses);
        let criteria: usize = criteria.map(|clause| clause.test.criteria().len()).sum();
        if criteria > MOST_CRITERIA { Err(BadSearch::TooLong.into()) } else { Ok(()) }
    }

    fn leave_out(&mut self, what: &str) -> Result<(), BadExport> {
        let what: String = what.chars().take(80).collect();
        if !self.lenient {
            return Err(BadExport::Unsupported(what));
        }
        self.export.ignored.push(format!("`{what}` is not supported here and was left out"));
        Ok(())
    }

    fn finish(self) -> Result<Export, BadExport> {
        let export = self.export;
        if self.types_named && export.types.is_empty() {
            let fault = "names no type that is exported here".to_owned();
            return Err(BadExport::Value { name: "_type", fault });
        }
        let wanted =
            |kind| export.level.has(kind) && (!self.types_named || export.types.contains(&kind));
        match export.filters.iter().find(|filter| !wanted(filter.kind)) {
            None => Ok(export),
            Some(filter) => {
                let fault = format!("{} is not among the types that are exported", filter.kind);
                Err(BadExport::Value { name: "_typeFilter", fault })
            }
        }
    }
}

fn format(value: &str) -> Result<(), BadExport> {
    // A space may be a `+` that was not encoded.
    if ["application/fhir+ndjson", "application/fhir ndjson", "application/ndjson", "ndjson"]
        .contains(&value)
    {
        return Ok(());
    }
    let fault = "must be application/fhir+ndjson".to_owned();
    Err(BadExport::Value { name: "_outputFormat", fault })
}

/// The first millisecond of an instant: of what happened within a second that is named, nothing is missed.
fn instant(name: &'static str, text: &str) -> Result<i64, BadExport> {
    // A space may be a `+` that was not encoded.
    let spelled = text.replace(' ', "+");
    let found = date::span(&spelled).filter(|_| spelled.contains('T'));
    found.map(|(low, _)| low).ok_or_else(|| {
        let fault = "must be an instant such as 2026-01-31T09:30:00Z".to_owned();
        BadExport::Value { name, fault }
    })
}

/// Several searches may be in one value, with commas between: a comma separates where a type and `?` follow.
fn queries(value: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut rest, mut from) = (value, 0);
    while let Some(at) = rest.get(from..).and_then(|later| later.find(',')).map(|at| from + at) {
        let (before, after) =
            (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default());
        let name = after.split_once('?').map_or("", |(name, _)| name);
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            found.push(before);
            (rest, from) = (after, 0);
        } else {
            from = at + 1;
        }
    }
    found.push(rest);
    found
}

/// All filters together have no more alternatives: each is a variable or more of one SQL statement.
const MOST_CRITERIA: usize = 500;
