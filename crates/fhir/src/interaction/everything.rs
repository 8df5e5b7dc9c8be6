//! `$everything` of a patient or an encounter (FHIR R4 operation-patient-everything).

use super::NotUnderstood;
use super::versions::moment;
use crate::audit::AUDIT_EVENT;
use crate::compartment::{Belonging, belonging};
use crate::definitions::served;
use crate::search::{self, BadSearch};

/// What is asked for with `$everything`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Everything {
    /// `Patient` or `Encounter`.
    pub kind: &'static str,
    /// Of which one.
    pub id: String,
    /// The types that are wanted; none named means all.
    pub types: Vec<&'static str>,
    /// Only what was changed at or after this moment, in milliseconds since 1970.
    pub since: Option<i64>,
    /// How many resources a page has, at most.
    pub count: Option<usize>,
    /// The mark of a further page, as a server wrote it into a `next` link (`_page`).
    pub page: Option<String>,
}

impl Everything {
    /// Whether resources of a type can be part of everything about a patient, where no types are named. Who looked at
    /// the record is not.
    #[must_use]
    pub fn comprises(kind: &str) -> bool {
        kind != AUDIT_EVENT && belonging(kind) != Belonging::Nobody
    }

    pub(super) fn parse(
        kind: &'static str,
        id: String,
        queries: &[&str],
    ) -> Result<Self, NotUnderstood> {
        let mut asked = Self { kind, id, types: Vec::new(), since: None, count: None, page: None };
        for query in queries {
            for (name, value) in search::pairs(query)? {
                asked.add(name, value)?;
            }
        }
        Ok(asked)
    }

    fn add(&mut self, name: String, value: String) -> Result<(), NotUnderstood> {
        let bad = || BadSearch::Value(name.clone());
        match name.as_str() {
            "_type" => {
                let kinds = value.split(',').map(str::trim);
                let kinds =
                    kinds.map(|kind| served(kind).ok_or_else(|| BadSearch::Type(kind.to_owned())));
                self.types.extend(kinds.collect::<Result<Vec<_>, _>>()?);
            }
            "_since" => self.since = Some(moment(&value).ok_or_else(bad)?.0),
            "_count" => self.count = Some(value.parse().map_err(|_| bad())?),
            "_page" => self.page = Some(value),
            "_format" | "_pretty" => {}
            _ => return Err(NotUnderstood::Parameter(name)),
        }
        Ok(())
    }
}
