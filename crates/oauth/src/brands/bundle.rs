//! The rules of the bundle as a whole (UB-2, UB-5, profile `user-access-brands-bundle`).

use std::collections::HashSet;

use serde_json::Value;

use super::{
    finding::Findings,
    node::{ABSENT_REASON, Node},
};

/// What a bundle holds, by kind.
pub(super) struct Members<'a> {
    pub(super) brands: Vec<Member<'a>>,
    pub(super) endpoints: Vec<Member<'a>>,
}

/// A resource and how others may refer to it.
pub(super) struct Member<'a> {
    pub(super) node: Node<'a>,
    relative: String,
    full_url: Option<&'a str>,
}

impl<'a> Members<'a> {
    pub(super) fn of(bundle: &Node<'a>) -> Self {
        let of_kind = |kind| {
            let entries = bundle.items("entry").into_iter();
            entries.filter_map(|entry| Member::of(&entry, kind)).collect()
        };
        Self { brands: of_kind("Organization"), endpoints: of_kind("Endpoint") }
    }

    /// The brand that a reference names.
    pub(super) fn brand(&self, reference: &str) -> Option<&Member<'a>> {
        self.brands.iter().find(|brand| brand.is(reference))
    }
}

impl<'a> Member<'a> {
    fn of(entry: &Node<'a>, kind: &str) -> Option<Self> {
        let node = entry.member("resource")?;
        if node.text("resourceType") != Some(kind) {
            return None;
        }
        let relative = format!("{kind}/{}", node.text("id").unwrap_or_default());
        Some(Self { node, relative, full_url: entry.text("fullUrl") })
    }

    /// Whether a reference names it.
    pub(super) fn is(&self, reference: &str) -> bool {
        reference == self.relative || Some(reference) == self.full_url
    }

    /// Whether it names `other` among its endpoints.
    pub(super) fn offers(&self, other: &Self) -> bool {
        let offered = self.node.items("endpoint");
        offered.iter().filter_map(Node::reference).any(|reference| other.is(reference))
    }
}

pub(super) fn check(bundle: &Node<'_>, findings: &mut Findings) {
    if bundle.text("type") != Some("collection") {
        findings.error("value", &bundle.at("type"), "the type must be collection");
    }
    if bundle.text("timestamp").is_none() {
        findings.error(
            "required",
            &bundle.at("timestamp"),
            "the bundle must say when it was put together",
        );
    }
    let meta = bundle.member("meta");
    if meta.is_none_or(|meta| meta.text("lastUpdated").is_none()) {
        let at = bundle.at("meta.lastUpdated");
        findings.error("required", &at, "the bundle must say when it was last updated");
    }
    entries(bundle, findings);
    absent_reasons(bundle, findings);
    references(bundle, findings);
}

/// Every entry is an Organization or an Endpoint with an id of its own.
fn entries(bundle: &Node<'_>, findings: &mut Findings) {
    let (mut names, mut urls) = (HashSet::new(), HashSet::new());
    for entry in bundle.items("entry") {
        let Some(resource) = entry.member("resource") else { continue };
        let kind = resource.text("resourceType").unwrap_or_default();
        match resource.text("id") {
            Some(id) if !names.insert((kind, id)) => {
                findings.error(
                    "duplicate",
                    &resource.at("id"),
                    format!("{kind}/{id} is there twice"),
                );
            }
            Some(_) => {}
            None => findings.error("required", &resource.at("id"), "the resource must have an id"),
        }
        if let Some(url) = entry.text("fullUrl")
            && !urls.insert(url)
        {
            findings.error("duplicate", &entry.at("fullUrl"), "another entry has the same fullUrl");
        }
        if resource.member("meta").is_none_or(|meta| meta.text("lastUpdated").is_none()) {
            let at = resource.at("meta.lastUpdated");
            findings.warning("informational", &at, "it should say when it was last updated");
        }
    }
}

/// UB-5: of the reasons why something is not there, two may be given.
fn absent_reasons(node: &Node<'_>, findings: &mut Findings) {
    if node.text("url") == Some(ABSENT_REASON)
        && !matches!(node.text("valueCode"), Some("asked-declined" | "asked-unknown"))
    {
        let text = "a data-absent-reason must be asked-declined or asked-unknown";
        findings.error("code-invalid", &node.at("valueCode"), text);
    }
    for child in children(node) {
        absent_reasons(&child, findings);
    }
}

/// A reference without an address of its own names something in the bundle.
fn references(bundle: &Node<'_>, findings: &mut Findings) {
    let members = Members::of(bundle);
    let known = |reference: &str| {
        members.brands.iter().chain(&members.endpoints).any(|member| member.is(reference))
    };
    let mut open = vec![bundle.clone()];
    while let Some(node) = open.pop() {
        if let Some(reference) = node.reference()
            && !reference.contains(':')
            && !known(reference)
        {
            let text = format!("{reference} is not in the bundle");
            findings.error("not-found", &node.at("reference"), text);
        }
        open.extend(children(&node));
    }
}

fn children<'a>(node: &Node<'a>) -> Vec<Node<'a>> {
    let below =
        |name: String, value: &'a Value| Node { value, path: format!("{}{name}", node.path) };
    match node.value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| below(format!(".{name}"), value)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(n, value)| below(format!("[{n}]"), value)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}
