//! A place in a bundle: a value, and how one gets there.

use serde_json::Value;

/// FHIR's way to say why something is not there (UB-5).
pub(super) const ABSENT_REASON: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

/// A value in a bundle, with its path.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    pub(super) path: String,
}

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value, name: &str) -> Self {
        Self { value, path: name.to_owned() }
    }

    /// The path of a member, whether it is there or not.
    pub(super) fn at(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    pub(super) fn member(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name)?;
        Some(Self { value, path: self.at(name) })
    }

    /// The items of a list; none where there is no such member.
    pub(super) fn items(&self, name: &str) -> Vec<Self> {
        let items = self.value.get(name).and_then(Value::as_array).map(Vec::as_slice);
        let at = |index: usize| format!("{}.{name}[{index}]", self.path);
        let items = items.unwrap_or_default().iter().enumerate();
        items.map(|(index, value)| Self { value, path: at(index) }).collect()
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.value.get(name)?.as_str()
    }

    /// Whether it is said why a primitive is not there.
    pub(super) fn says_why_absent(&self, name: &str) -> bool {
        let sibling = self.member(&format!("_{name}"));
        sibling.is_some_and(|sibling| !sibling.extensions(ABSENT_REASON).is_empty())
    }

    /// The extensions of this name.
    pub(super) fn extensions(&self, url: &str) -> Vec<Self> {
        let mut all = self.items("extension");
        all.retain(|extension| extension.text("url") == Some(url));
        all
    }

    /// The target of a `Reference`.
    pub(super) fn reference(&self) -> Option<&'a str> {
        self.text("reference")
    }
}
