//! The characters of a scope token, and percent-decoding inside one.

/// Whether `c` may stand in a `scope-token`: printable ASCII without space, `"` and `\`
/// (RFC 6749 §3.3).
pub(crate) fn is_legal(c: char) -> bool {
    matches!(c, '\x21' | '\x23'..='\x5B' | '\x5D'..='\x7E')
}

/// Decodes `%XX` and `+` as a form does. `None` for broken escapes, text that is not UTF-8, or
/// control characters.
pub(crate) fn decode(raw: &str) -> Option<String> {
    let mut bytes = raw.bytes();
    let mut decoded = Vec::with_capacity(raw.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            other => other,
        });
    }
    let text = String::from_utf8(decoded).ok()?;
    (!text.contains(char::is_control)).then_some(text)
}

/// Encodes what [`decode`] would misread, what separates pairs, and what no scope token may hold.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for c in text.chars() {
        if is_legal(c) && !matches!(c, '%' | '+' | '&' | '#') {
            encoded.push(c);
        } else {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                encoded.push('%');
                encoded.extend([digit(byte >> 4), digit(byte & 0xF)]);
            }
        }
    }
    encoded
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0').to_ascii_uppercase()
}
