//! From a path to places in a resource, with the type of what is there.

use serde_json::Value;

use super::path::{Path, Step};
use crate::structure::table::{Definition, Element, Type, definition, resource};

/// One element of a resource.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The object that has it, as a JSON pointer.
    pub(super) parent: String,
    /// The property that it is, or is in. None: the resource itself.
    pub(super) property: Option<Property>,
    /// Its number, where it is one of a list.
    pub(super) index: Option<usize>,
}

/// A JSON property and its place in the table.
#[derive(Debug, Clone)]
pub(super) struct Property {
    /// Its name in JSON, such as `valueQuantity`.
    pub(super) name: String,
    pub(super) element: &'static Element,
    pub(super) kind: &'static Type,
}

impl Place {
    /// The JSON pointer to it.
    pub(super) fn pointer(&self) -> String {
        let Some(property) = &self.property else { return self.parent.clone() };
        let index = self.index.map(|index| format!("/{index}")).unwrap_or_default();
        format!("{}/{}{index}", self.parent, property.name)
    }

    /// What the element there is made of. A primitive has nothing of its own.
    pub(super) fn definition(&self, root: &Value) -> Option<&'static Definition> {
        match &self.property {
            None => resource(kind_of(root)?),
            Some(property) if property.kind.name == "Resource" => {
                resource(kind_of(root.pointer(&self.pointer())?)?)
            }
            Some(property) => definition(property.kind.name),
        }
    }

    /// Every element of this name in the element here.
    fn children(&self, root: &Value, name: &str) -> Vec<Self> {
        let (Some(definition), pointer) = (self.definition(root), self.pointer()) else {
            return Vec::new();
        };
        let (Some(element), Some(json)) = (definition.element(name), root.pointer(&pointer)) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for kind in &element.types {
            let property = Property { name: element.property(kind), element, kind };
            let there = [property.name.clone(), format!("_{}", property.name)];
            let longest = there.iter().filter_map(|name| json.get(name)).map(|value| match value {
                Value::Array(items) if element.many => items.len(),
                Value::Null => 0,
                Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_) => 1,
            });
            let count = longest.max().unwrap_or_default();
            found.extend((0..count).map(|index| Self {
                parent: pointer.clone(),
                property: Some(property.clone()),
                index: element.many.then_some(index),
            }));
        }
        found
    }

    fn meets(&self, root: &Value, holds: impl Fn(&Value) -> bool) -> bool {
        root.pointer(&self.pointer()).is_some_and(holds)
    }
}

/// The elements that a path leads to.
pub(super) fn places(root: &Value, path: &Path) -> Result<Vec<Place>, String> {
    let kind = kind_of(root).unwrap_or_default();
    if !matches!(path.root.as_str(), "Resource" | "DomainResource") && path.root != kind {
        return Err(format!("the path begins with {}, and the resource is a {kind}", path.root));
    }
    let mut found = vec![Place { parent: String::new(), property: None, index: None }];
    for step in &path.steps {
        found = match step {
            Step::Name(name) => found.iter().flat_map(|place| place.children(root, name)).collect(),
            Step::At(index) => found.into_iter().skip(*index).take(1).collect(),
            Step::Last => found.pop().into_iter().collect(),
            Step::Where(all) => {
                found.retain(|place| {
                    place.meets(root, |json| all.iter().all(|one| one.holds(json)))
                });
                found
            }
            Step::OfType(kind) => {
                found.retain(|place| {
                    place.property.as_ref().is_some_and(|property| property.kind.name == kind)
                });
                found
            }
        };
    }
    Ok(found)
}

fn kind_of(json: &Value) -> Option<&str> {
    json.get("resourceType").and_then(Value::as_str)
}
