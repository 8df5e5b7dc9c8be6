//! The operations of a `FHIRPath` Patch, each on a resource in place (FHIR R4 fhirpatch.html).

use serde_json::{Map, Value};

use super::path::{Path, Step};
use super::place::{Place, places};
use crate::structure::table::{Definition, Element, Type, definition};

/// One step of a patch.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    /// Gives an element a member: the last of a list, or one that it does not have yet.
    Add { path: Path, name: String, content: Content },
    /// Puts one into a list.
    Insert { path: Path, index: usize, content: Content },
    /// Removes one, if it is there.
    Delete { path: Path },
    /// Puts another in its place.
    Replace { path: Path, content: Content },
    /// Gives one of a list another place in it.
    Move { path: Path, from: usize, to: usize },
}

/// What is put somewhere.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// A value and its type, as the name of its property has it.
    Value { kind: String, value: Value },
    /// The members of an element whose type has no name of its own.
    Parts(Vec<(String, Content)>),
}

type Done = Result<(), String>;

impl Operation {
    /// Whether it chooses its place by values that are there.
    pub(super) fn compares(&self) -> bool {
        let (Self::Add { path, .. }
        | Self::Insert { path, .. }
        | Self::Delete { path }
        | Self::Replace { path, .. }
        | Self::Move { path, .. }) = self;
        path.steps.iter().any(|step| matches!(step, Step::Where(_)))
    }

    pub(super) fn apply(&self, root: &mut Value) -> Done {
        match self {
            Self::Add { path, name, content } => add(root, path, name, content),
            Self::Insert { path, index, content } => insert(root, path, *index, content),
            Self::Delete { path } => match places(root, path)?.as_slice() {
                [] => Ok(()),
                [place] => remove(root, place),
                _ => Err("the path leads to several elements, and one can be deleted".to_owned()),
            },
            Self::Replace { path, content } => replace(root, path, content),
            Self::Move { path, from, to } => shift(root, path, (*from, *to)),
        }
    }
}

fn add(root: &mut Value, path: &Path, name: &str, content: &Content) -> Done {
    let place = single(places(root, path)?)?;
    let definition = place.definition(root).ok_or("nothing can be added to a primitive")?;
    // Extensions of a primitive stand beside it.
    let Some(Value::Object(members)) = root.pointer_mut(&place.pointer()) else {
        return Err("nothing can be added to a primitive".to_owned());
    };
    put(members, definition, (name, content))
}

/// Puts a new member into an element: at the end of a list, or where there is none yet.
fn put(
    members: &mut Map<String, Value>,
    definition: &'static Definition,
    (name, content): (&str, &Content),
) -> Done {
    let (element, kind) = wanted(definition, name, content)?;
    let value = content.build(kind)?;
    let property = element.property(kind);
    if element.many {
        let list = members.entry(property.clone()).or_insert_with(|| Value::Array(Vec::new()));
        let Value::Array(items) = list else { return Err(format!("{name} is no list")) };
        items.push(value);
        let length = items.len();
        if let Some(Value::Array(besides)) = members.get_mut(&format!("_{property}")) {
            besides.resize(length, Value::Null);
        }
        return Ok(());
    }
    let taken = element.types.iter().any(|kind| members.contains_key(&element.property(kind)));
    if taken {
        return Err(format!("there is one {name} already, and no more may be"));
    }
    members.insert(property, value);
    Ok(())
}

/// The element of a name, and which of its types the content has.
fn wanted(
    definition: &'static Definition,
    name: &str,
    content: &Content,
) -> Result<(&'static Element, &'static Type), String> {
    let by_property = || definition.property(name).map(|(element, _)| element);
    let element = definition.element(name).or_else(by_property);
    let element = element.ok_or_else(|| format!("{name} is no element of R4 here"))?;
    let fits = |kind: &&'static Type| match content {
        Content::Value { kind: told, .. } => told.eq_ignore_ascii_case(kind.name),
        Content::Parts(_) => kind.name.contains('.'),
    };
    // A code may be sent as a string, and the like: what is stored is judged afterwards.
    let kind = element
        .types
        .iter()
        .find(fits)
        .or_else(|| element.types.first().filter(|_| element.types.len() == 1));
    kind.map(|kind| (element, kind)).ok_or_else(|| format!("{name} has no such type"))
}

impl Content {
    /// The content as JSON.
    fn build(&self, kind: &Type) -> Result<Value, String> {
        match self {
            Self::Value { value, .. } => Ok(value.clone()),
            Self::Parts(parts) => {
                let definition = definition(kind.name).ok_or("a primitive has no parts")?;
                let mut members = Map::new();
                for (name, content) in parts {
                    put(&mut members, definition, (name, content))?;
                }
                Ok(Value::Object(members))
            }
        }
    }
}

/// The list that a path leads to: its elements are there, in order.
fn insert(root: &mut Value, path: &Path, index: usize, content: &Content) -> Done {
    let list = list(root, path)?;
    let property = list.property.as_ref().ok_or("the path leads to no list")?;
    let value = content.build(property.kind)?;
    let items = items(root, &list, "")?;
    if index > items.len() {
        return Err(format!("the list has {} elements", items.len()));
    }
    let before = items.len();
    items.insert(index, value);
    if let Ok(besides) = self::items(root, &list, "_") {
        besides.resize(before, Value::Null);
        besides.insert(index, Value::Null);
    }
    Ok(())
}

fn replace(root: &mut Value, path: &Path, content: &Content) -> Done {
    let place = single(places(root, path)?)?;
    let Some(property) = &place.property else {
        return Err("the whole resource is replaced by an update".to_owned());
    };
    let parent = Place { parent: place.parent.clone(), property: None, index: None };
    if property.element.choice {
        // Another type is another property.
        remove(root, &place)?;
        let Some(Value::Object(members)) = root.pointer_mut(&parent.pointer()) else {
            return Err("the path leads nowhere".to_owned());
        };
        let (kind, value) = of_choice(property.element, content)?;
        members.insert(property.element.property(kind), value);
        return Ok(());
    }
    let value = content.build(property.kind)?;
    let Some(Value::Object(members)) = root.pointer_mut(&parent.pointer()) else {
        return Err("the path leads nowhere".to_owned());
    };
    match (place.index, members.get_mut(&property.name)) {
        (Some(index), Some(Value::Array(items))) => {
            let item = items.get_mut(index).ok_or("the path leads nowhere")?;
            *item = value;
        }
        (None, _) => drop(members.insert(property.name.clone(), value)),
        (Some(_), _) => return Err("the path leads nowhere".to_owned()),
    }
    Ok(())
}

fn of_choice(
    element: &'static Element,
    content: &Content,
) -> Result<(&'static Type, Value), String> {
    let Content::Value { kind: told, value } = content else {
        return Err("a choice has types with names".to_owned());
    };
    let kind = element.types.iter().find(|kind| told.eq_ignore_ascii_case(kind.name));
    kind.map(|kind| (kind, value.clone()))
        .ok_or_else(|| format!("{} has no such type", element.name))
}

fn shift(root: &mut Value, path: &Path, (from, to): (usize, usize)) -> Done {
    let list = list(root, path)?;
    let length = items(root, &list, "")?.len();
    if from >= length || to >= length {
        return Err(format!("the list has {length} elements"));
    }
    for beside in ["", "_"] {
        if let Ok(items) = items(root, &list, beside) {
            items.resize(length, Value::Null);
            let item = items.remove(from);
            items.insert(to, item);
        }
    }
    Ok(())
}

/// Removes an element, what stands beside it, and the list that it leaves empty.
fn remove(root: &mut Value, place: &Place) -> Done {
    let Some(property) = &place.property else {
        return Err("the whole resource is deleted by DELETE".to_owned());
    };
    let Some(Value::Object(members)) = root.pointer_mut(&place.parent) else {
        return Err("the path leads nowhere".to_owned());
    };
    for name in [property.name.clone(), format!("_{}", property.name)] {
        match (place.index, members.get_mut(&name)) {
            (Some(index), Some(Value::Array(items))) => {
                if index < items.len() {
                    items.remove(index);
                }
                if items.iter().all(Value::is_null) {
                    members.remove(&name);
                }
            }
            (None, Some(_)) => drop(members.remove(&name)),
            (_, _) => {}
        }
    }
    Ok(())
}

/// The list in which the elements of a path are: all of them, and nothing else.
fn list(root: &Value, path: &Path) -> Result<Place, String> {
    let found = places(root, path)?;
    let first = found.first().ok_or("the path leads to no list")?;
    let same = |place: &Place| {
        let name = |place: &Place| place.property.as_ref().map(|property| property.name.clone());
        place.parent == first.parent && name(place) == name(first)
    };
    if first.index.is_none() || !found.iter().all(same) {
        return Err("the path leads to no single list".to_owned());
    }
    Ok(Place { index: None, ..first.clone() })
}

fn items<'a>(
    root: &'a mut Value,
    list: &Place,
    beside: &str,
) -> Result<&'a mut Vec<Value>, String> {
    let name = list.property.as_ref().map(|property| property.name.as_str()).unwrap_or_default();
    let found = root.pointer_mut(&format!("{}/{beside}{name}", list.parent));
    found.and_then(Value::as_array_mut).ok_or_else(|| "the path leads to no list".to_owned())
}

fn single(found: Vec<Place>) -> Result<Place, String> {
    match <[Place; 1]>::try_from(found) {
        Ok([place]) => Ok(place),
        Err(found) => Err(format!("the path leads to {} elements, and must to one", found.len())),
    }
}
