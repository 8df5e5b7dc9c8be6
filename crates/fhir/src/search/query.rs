//! Query strings, and the commas and escapes inside a value.

use super::BadSearch;

/// The pairs of a form-encoded query, in order. Names without a value have an empty one.
///
/// # Errors
/// [`BadSearch::Encoding`] where an escape is broken or the text is not UTF-8;
/// [`BadSearch::TooLong`] past any use.
pub fn pairs(query: &str) -> Result<Vec<(String, String)>, BadSearch> {
    let parts: Vec<_> = query.split('&').filter(|part| !part.is_empty()).collect();
    if parts.len() > MOST {
        return Err(BadSearch::TooLong);
    }
    let pair = |part: &&str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        Some((decode(name)?, decode(value)?))
    };
    parts.iter().map(pair).collect::<Option<_>>().ok_or(BadSearch::Encoding)
}

/// Splits a value at a separator that no `\` escapes; escapes stay (§3.1.1.4.5).
pub(crate) fn split(value: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in value.chars() {
        if c == separator && !escaped {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    parts
}

/// Takes the escapes out: `\,` is a comma.
pub(crate) fn unescape(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut escaped = false;
    for c in value.chars() {
        escaped = c == '\\' && !escaped;
        if !escaped {
            plain.push(c);
        }
    }
    plain
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            other => other,
        });
    }
    String::from_utf8(decoded).ok().filter(|text| !text.contains('\0'))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// No search of ours has more parameters, no parameter more alternatives.
pub(crate) const MOST: usize = 200;

/// Nor have all parameters together more alternatives.
pub(crate) const MOST_IN_ALL: usize = 1_000;
