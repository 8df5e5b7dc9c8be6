//! No text of a bundle has characters that are not seen, nor tags: apps show it to people who choose whom to trust (X1),
//! and one that takes text for HTML shall not run what a publisher was made to publish.

use serde_json::Value;

use super::{finding::Findings, node::Node};
use crate::text::is_unseen;

/// Members whose text may have several lines, and tabs (FHIR R4 `markdown`, and the `text` of data types).
const OF_LINES: [&str; 2] = ["valueMarkdown", "text"];

/// Says which texts have such characters, and which is the first.
pub(super) fn check(node: &Node<'_>, findings: &mut Findings) {
    under(node, "", findings);
}

/// `name` is that of the member that the value is in.
fn under(node: &Node<'_>, name: &str, findings: &mut Findings) {
    match node.value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => {
            if let Some(unseen) = first_unseen(text, OF_LINES.contains(&name)) {
                let code = u32::from(unseen);
                let text = format!(
                    "a text must have no control or direction characters: here is U+{code:04X}"
                );
                findings.error("value", &node.path, text);
            }
            if has_tag(text) {
                let text = "a text must have no HTML tags: apps show it as it is";
                findings.error("value", &node.path, text);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                let path = format!("{}[{index}]", node.path);
                under(&Node { value, path }, name, findings);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                if first_unseen(name, false).is_some() {
                    let text = "the name of a member has control or direction characters";
                    findings.error("structure", &node.path, text);
                }
                under(&Node { value, path: node.at(name) }, name, findings);
            }
        }
    }
}

fn first_unseen(text: &str, lines: bool) -> Option<char> {
    let allowed = |c| lines && matches!(c, '\t' | '\n' | '\r');
    text.chars().find(|c| is_unseen(*c) && !allowed(*c))
}

/// Whether a `<` begins what HTML takes for a tag, a comment or the like. The content of a `data:` URL is nobody's text.
fn has_tag(text: &str) -> bool {
    let begins = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?');
    let mut after = text.split('<').skip(1);
    !text.starts_with("data:") && after.any(|rest| rest.starts_with(begins))
}
