//! Whose records an answer shows, and whose a request names.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::compartment::{naming, patients};
use crate::reference::{below, is_id};
use crate::search::pairs;

/// The ids of the patients whose records the body of an answer shows: a resource, or a bundle of them.
///
/// Every answer is read once more for this, so of each resource only that is read which can name a patient.
#[must_use]
pub fn patients_in(body: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Ok(sketch) = serde_json::from_slice::<Sketch>(body) {
        sketch.collect(&mut found);
    }
    found
}

/// The ids of the patients whom a request names by itself: in its path or in a search, below `base`.
#[must_use]
pub fn named(kind: &str, id: Option<&str>, query: &str, base: &str) -> BTreeSet<String> {
    let own = id.filter(|_| kind == "Patient").map(str::to_owned);
    let pairs = pairs(query).unwrap_or_default();
    let naming = pairs.iter().filter(|(name, _)| match name.as_str() {
        "_id" => kind == "Patient",
        name => NAMING.contains(&name),
    });
    let values = naming.flat_map(|(_, value)| value.split(','));
    let ids = values.filter_map(|value| patient(value, base)).take(MOST_NAMED);
    own.into_iter().chain(ids).collect()
}

/// A search as the event about one patient tells it: where it lists several patients, it lists no other.
#[must_use]
pub fn narrowed(query: &str, patient: &str, base: &str) -> String {
    let Some((path, query)) = query.split_once('?') else { return query.to_owned() };
    let about = |value: &str| self::patient(value, base).as_deref() == Some(patient);
    let parts = query.split('&').map(|part| {
        let Some((name, value)) = part.split_once('=') else { return part.to_owned() };
        let value = value.replace("%2C", ",").replace("%2c", ",");
        let list: Vec<_> = value.split(',').collect();
        let decoded = |one: &&str| one.replace("%2F", "/").replace("%2f", "/");
        match list.iter().find(|one| about(&decoded(one))) {
            Some(own) if list.len() > 1 => format!("{name}={own}"),
            _ => part.to_owned(),
        }
    });
    format!("{path}?{}", parts.collect::<Vec<_>>().join("&"))
}

fn patient(value: &str, base: &str) -> Option<String> {
    let value = below(value, base).unwrap_or(value);
    let id = value.strip_prefix("Patient/").unwrap_or(value);
    is_id(id).then(|| id.to_owned())
}

/// As much of a resource as can name a patient.
#[derive(Default)]
struct Sketch {
    members: Map<String, Value>,
    entries: Vec<Self>,
}

impl Sketch {
    fn collect(self, found: &mut BTreeSet<String>) {
        if self.members.get("resourceType").is_some_and(|kind| kind == "Bundle") {
            self.entries.into_iter().for_each(|entry| entry.collect(found));
        } else {
            found.extend(patients(&Value::Object(self.members)));
        }
    }
}

impl<'de> Deserialize<'de> for Sketch {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Resource)
    }
}

struct Resource;

impl<'de> Visitor<'de> for Resource {
    type Value = Sketch;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a resource")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sketch, A::Error> {
        let mut sketch = Sketch::default();
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if name == "entry" {
                sketch.entries = map.next_value::<Entries>()?.0;
            } else if matches!(&*name, "resourceType" | "id") || naming().contains(&*name) {
                sketch.members.insert(name.into_owned(), map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(sketch)
    }
}

/// The resources within the entries of a bundle; those of anything else have none.
struct Entries(Vec<Sketch>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(List).map(Self)
    }
}

struct List;

impl<'de> Visitor<'de> for List {
    type Value = Vec<Sketch>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Sketch>, A::Error> {
        let mut found = Vec::new();
        while let Some(entry) = seq.next_element::<Entry>()? {
            found.extend(entry.resource);
        }
        Ok(found)
    }
}

#[derive(serde::Deserialize)]
struct Entry {
    resource: Option<Sketch>,
}

/// The parameters by which a search names whose record it looks into.
const NAMING: [&str; 3] = ["patient", "subject", "beneficiary"];

/// How many are told of one request.
const MOST_NAMED: usize = 50;
