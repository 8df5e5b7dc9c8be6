//! What each type of R4 is made of: read once from `data/structure.txt.gz`, which is derived from the official
//! `StructureDefinition`s.

use std::collections::HashMap;
use std::io::Read;
use std::sync::LazyLock;

use flate2::read::GzDecoder;

/// A resource type, a data type, or a part of one such as `Patient.contact`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Definition {
    /// Whether it is a resource type that can be instantiated.
    pub(crate) resource: bool,
    /// Its elements, inherited ones first.
    pub(crate) elements: Vec<Element>,
    /// The element and the type of each JSON property: `valueQuantity` is `value[x]` as a `Quantity`.
    properties: HashMap<String, (usize, usize)>,
}

/// One element of a definition.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    /// Its name, without `[x]`.
    pub(crate) name: &'static str,
    /// Whether it is a choice of types, so that the type is part of the property's name.
    pub(crate) choice: bool,
    /// Whether there must be one.
    pub(crate) required: bool,
    /// Whether there may be several, so that it is an array.
    pub(crate) many: bool,
    /// Its types.
    pub(crate) types: Vec<Type>,
    /// The codes that it may have, if they are few and nothing else is allowed.
    pub(crate) codes: Option<&'static str>,
}

/// A type that an element may have.
#[derive(Debug, Clone)]
pub(crate) struct Type {
    /// Its name: a primitive, a data type, or a part such as `Patient.contact`.
    pub(crate) name: &'static str,
    /// The types of resources that a reference may point to. None: any.
    pub(crate) targets: Vec<&'static str>,
}

impl Type {
    /// Whether it is written as a JSON value, with what else there is to say beside it under `_name`.
    pub(crate) fn is_primitive(&self) -> bool {
        self.name.starts_with(|first: char| first.is_ascii_lowercase())
    }
}

impl Definition {
    /// The element and the type that a JSON property stands for.
    pub(crate) fn property(&self, name: &str) -> Option<(&Element, &Type)> {
        let (element, kind) = *self.properties.get(name)?;
        let element = self.elements.get(element)?;
        Some((element, element.types.get(kind)?))
    }

    /// The element of this name, as `FHIRPath` has it: `value`, not `valueQuantity`.
    pub(crate) fn element(&self, name: &str) -> Option<&Element> {
        self.elements.iter().find(|element| element.name == name)
    }

    fn index(&mut self) {
        for (at, element) in self.elements.iter().enumerate() {
            for (which, kind) in element.types.iter().enumerate() {
                self.properties.insert(element.property(kind), (at, which));
            }
        }
    }
}

impl Element {
    /// The JSON property of this element with a value of this type.
    pub(crate) fn property(&self, kind: &Type) -> String {
        if !self.choice {
            return self.name.to_owned();
        }
        let mut letters = kind.name.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        self.name.chars().chain(first).chain(letters).collect()
    }
}

/// The definition of a type.
pub(crate) fn definition(name: &str) -> Option<&'static Definition> {
    TABLE.definitions.get(name)
}

/// The definition of a resource type that can be instantiated.
pub(crate) fn resource(name: &str) -> Option<&'static Definition> {
    definition(name).filter(|definition| definition.resource)
}

/// The codes of a value set.
pub(crate) fn codes(name: &str) -> &'static [&'static str] {
    TABLE.codes.get(name).map_or(&[], Vec::as_slice)
}

#[derive(Default)]
struct Table {
    definitions: HashMap<&'static str, Definition>,
    codes: HashMap<&'static str, Vec<&'static str>>,
}

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    let packed: &[u8] = include_bytes!("../../data/structure.txt.gz");
    // A table that cannot be read is empty, and a test says so: then nothing can be written at all.
    let _ = GzDecoder::new(packed).read_to_string(&mut text);
    text
});

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut own: Vec<(&str, &str, Definition)> = Vec::new();
    let mut codes = HashMap::new();
    for line in TEXT.lines() {
        if let Some(head) = line.strip_prefix('@') {
            let mut words = head.split(' ');
            let (mark, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            if mark == "codes" {
                codes.insert(name, words.collect());
            } else {
                let definition =
                    Definition { resource: mark == "resource", ..Definition::default() };
                own.push((name, words.next().unwrap_or_default(), definition));
            }
        } else if let (Some((_, _, definition)), Some(element)) = (own.last_mut(), element(line)) {
            definition.elements.push(element);
        }
    }
    Table { definitions: inherit(&own), codes }
});

/// Each definition with the elements of what it is derived from in front.
fn inherit(own: &[(&'static str, &'static str, Definition)]) -> HashMap<&'static str, Definition> {
    let named: HashMap<_, _> = own.iter().map(|(name, base, one)| (*name, (*base, one))).collect();
    let whole = |name: &'static str| {
        let mut chain = Vec::new();
        let mut at = named.get(name);
        while let Some((base, one)) = at {
            chain.push(*one);
            at = named.get(base);
        }
        let mut definition = Definition {
            resource: chain.first().is_some_and(|one| one.resource),
            elements: chain.iter().rev().flat_map(|one| one.elements.clone()).collect(),
            ..Definition::default()
        };
        definition.index();
        definition
    };
    own.iter().map(|(name, _, _)| (*name, whole(name))).collect()
}

/// Reads `gender ? code =administrative-gender`.
fn element(line: &'static str) -> Option<Element> {
    let mut words = line.split(' ');
    let name = words.next()?;
    let cardinality = words.next()?;
    let types = words.next()?.split('|').map(|kind| match kind.split_once('(') {
        Some((name, targets)) => {
            Type { name, targets: targets.trim_end_matches(')').split(',').collect() }
        }
        None => Type { name: kind, targets: Vec::new() },
    });
    Some(Element {
        name: name.trim_end_matches("[x]"),
        choice: name.ends_with("[x]"),
        required: matches!(cardinality, "!" | "+"),
        many: matches!(cardinality, "*" | "+"),
        types: types.collect(),
        codes: words.next().and_then(|codes| codes.strip_prefix('=')),
    })
}

#[cfg(test)]
mod tests {
    use super::{TABLE, TEXT, codes, definition, element, resource};
    use crate::definitions::types;

    #[test]
    fn every_line_of_the_table_is_understood() {
        let elements = TEXT.lines().filter(|line| !line.starts_with('@'));
        assert!(elements.clone().count() > 4_000);
        for line in elements {
            assert!(element(line).is_some(), "{line}");
        }
        for (name, found) in &TABLE.definitions {
            for kind in found.elements.iter().flat_map(|element| &element.types) {
                let known = kind.is_primitive() || definition(kind.name).is_some();
                assert!(known, "{name}: {}", kind.name);
            }
            for set in found.elements.iter().filter_map(|element| element.codes) {
                assert!(!codes(set).is_empty(), "{name}: {set}");
            }
        }
    }

    #[test]
    fn every_served_type_is_defined_and_inherits() {
        for kind in types() {
            let found = resource(kind).expect(kind);
            assert!(found.property("id").is_some() && found.property("contained").is_some());
        }
        assert!(resource("DomainResource").is_none() && resource("Quantity").is_none());
        let (element, kind) = definition("Observation")
            .and_then(|found| found.property("valueQuantity"))
            .expect("a choice");
        assert_eq!((element.name, kind.name), ("value", "Quantity"));
        assert!(
            definition("Patient.contact")
                .and_then(|one| one.property("modifierExtension"))
                .is_some()
        );
        let range =
            definition("Observation.component").and_then(|one| one.property("referenceRange"));
        assert_eq!(range.map(|(_, kind)| kind.name), Some("Observation.referenceRange"));
        assert_eq!(codes("administrative-gender"), ["male", "female", "other", "unknown"]);
    }
}
