//! Whose records an answer shows.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::compartment::{naming, patients};

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
