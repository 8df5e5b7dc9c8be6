//! One resource of a bundle: found, replaced, added, removed.

use serde_json::{Value, json};

use super::{Finding, Publication, publication::tag, shape::is_id};

/// The place of a resource in the bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    kind: &'static str,
    id: String,
}

/// A path that names no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the path is /brands/Organization/{{id}} or /brands/Endpoint/{{id}}")]
pub struct UnknownSlot;

impl Slot {
    /// The place that a type and an id name.
    ///
    /// # Errors
    /// When a bundle of brands has no such type, or this cannot be an id.
    pub fn parse(kind: &str, id: &str) -> Result<Self, UnknownSlot> {
        let kind = ["Organization", "Endpoint"].into_iter().find(|known| *known == kind);
        let kind = kind.filter(|_| is_id(id)).ok_or(UnknownSlot)?;
        Ok(Self { kind, id: id.to_owned() })
    }

    /// What is there, with its entity tag.
    #[must_use]
    pub fn find(&self, publication: &Publication) -> Option<(Value, String)> {
        let entry = entries(&publication.bundle).iter().find(|entry| self.is(entry))?;
        let resource = entry.get("resource")?;
        Some((resource.clone(), tag(resource.to_string().as_bytes())))
    }

    /// The bundle with this resource in its place.
    ///
    /// # Errors
    /// When the resource is another than the path says.
    pub fn put(&self, bundle: Option<&Value>, resource: Value) -> Result<Value, Finding> {
        for (name, wanted) in [("resourceType", self.kind), ("id", self.id.as_str())] {
            if resource.get(name).and_then(Value::as_str) != Some(wanted) {
                let (at, text) = (format!("{}.{name}", self.kind), format!("it must be {wanted}"));
                return Err(Finding::error("value", at, text));
            }
        }
        let mut bundle = bundle.cloned().unwrap_or_else(
            || json!({ "resourceType": "Bundle", "type": "collection", "entry": [] }),
        );
        let entries = bundle.get_mut("entry").and_then(Value::as_array_mut);
        if let Some(entries) = entries {
            match entries.iter_mut().find(|entry| self.is(entry)).and_then(Value::as_object_mut) {
                Some(entry) => drop(entry.insert("resource".to_owned(), resource)),
                None => entries.push(json!({ "resource": resource })),
            }
        }
        Ok(put_together_now(bundle))
    }

    /// The bundle without it, if it was there.
    #[must_use]
    pub fn remove(&self, bundle: &Value) -> Option<Value> {
        let mut bundle = bundle.clone();
        let entries = bundle.get_mut("entry").and_then(Value::as_array_mut)?;
        let place = entries.iter().position(|entry| self.is(entry))?;
        entries.remove(place);
        Some(put_together_now(bundle))
    }

    fn is(&self, entry: &Value) -> bool {
        let resource = entry.get("resource");
        let text = |name: &str| resource.and_then(|resource| resource.get(name)?.as_str());
        text("resourceType") == Some(self.kind) && text("id") == Some(&self.id)
    }
}

/// The time when it was put together is no longer the one that its publisher gave.
fn put_together_now(mut bundle: Value) -> Value {
    if let Some(members) = bundle.as_object_mut() {
        members.remove("timestamp");
    }
    bundle
}

fn entries(bundle: &Value) -> &[Value] {
    bundle.get("entry").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
