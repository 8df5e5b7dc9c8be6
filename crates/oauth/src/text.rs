//! Characters that are not seen, and what they do to those that are.

use serde_json::Value;

/// Whether a character is none that is seen: a control (C0, C1), or one that reorders what surrounds it (X1).
pub(crate) fn is_unseen(c: char) -> bool {
    let reordering = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || reordering
}

/// Whether any text in a value, a name of a member too, has a control character.
pub(crate) fn has_control(value: &Value) -> bool {
    let control = |text: &str| text.contains(char::is_control);
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => control(text),
        Value::Array(items) => items.iter().any(has_control),
        Value::Object(members) => {
            members.iter().any(|(name, value)| control(name) || has_control(value))
        }
    }
}
