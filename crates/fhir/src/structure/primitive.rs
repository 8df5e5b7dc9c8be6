//! The formats of primitive types (FHIR R4 datatypes.html#primitive), written out rather than as regular expressions.

use serde_json::Value;
use time::{Date, Month};

/// What is wrong with a value of this primitive type; nothing, if it is well-formed.
pub(super) fn fault(kind: &str, value: &Value) -> Option<&'static str> {
    match (kind, value) {
        ("boolean", Value::Bool(_)) | ("decimal", Value::Number(_)) => None,
        ("boolean", _) => Some("is not true or false"),
        ("decimal", _) => Some("is not a number"),
        ("integer" | "positiveInt" | "unsignedInt", Value::Number(number)) => {
            let least = match kind {
                "positiveInt" => 1,
                "unsignedInt" => 0,
                _ => i64::from(i32::MIN),
            };
            let whole = number.as_i64().filter(|n| (least..=i64::from(i32::MAX)).contains(n));
            whole.is_none().then_some("is not a whole number of this type")
        }
        ("integer" | "positiveInt" | "unsignedInt", _) => Some("is not a whole number"),
        (_, Value::String(text)) => text_fault(kind, text),
        _ => Some("is not a string"),
    }
}

fn text_fault(kind: &str, text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("is empty");
    }
    let printable = |c: char| c >= ' ' || matches!(c, '\t' | '\r' | '\n');
    let (well_formed, otherwise) = match kind {
        "date" => (date(text), "is not a date such as 2024, 2024-02 or 2024-02-29"),
        "dateTime" => {
            (date_time(text), "is not a dateTime such as 2024-02 or 2024-02-29T12:30:00Z")
        }
        "instant" => (instant(text), "is not an instant such as 2024-02-29T12:30:00.5+01:00"),
        "time" => (clock(text), "is not a time such as 12:30:00"),
        "id" => (crate::reference::is_id(text), "is not an id: up to 64 letters, digits, - and ."),
        "code" => (code(text), "is not a code: it has spaces where none may be"),
        "oid" => (oid(text), "is not an OID such as urn:oid:1.2.3"),
        "uuid" => {
            (uuid(text), "is not a UUID such as urn:uuid:c757873d-ec9a-4326-a141-556f43239520")
        }
        "uri" | "url" | "canonical" => {
            (!text.contains(char::is_whitespace) && text.chars().all(printable), "is not a URI")
        }
        "base64Binary" => (base64(text), "is not Base64"),
        "xhtml" => {
            (narrative(text), "is not a narrative: a <div> of plain XHTML without active content")
        }
        _ => (
            text.chars().all(printable) && !text.trim().is_empty(),
            "has only spaces, or characters that no text has",
        ),
    };
    (!well_formed).then_some(otherwise)
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, of a day that exists.
fn date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut number = |digits: usize| match parts.next() {
        None => Some(None),
        Some(part) => digits_of(part, digits).map(Some),
    };
    let (Some(Some(year)), Some(month), Some(day)) = (number(4), number(2), number(2)) else {
        return false;
    };
    let in_year =
        |month: u32| u8::try_from(month).ok().and_then(|month| Month::try_from(month).ok());
    let exists = match (month, day) {
        (None, _) => year > 0,
        (Some(month), None) => year > 0 && in_year(month).is_some(),
        (Some(month), Some(day)) => {
            let day = u8::try_from(day).ok();
            let year = i32::try_from(year).ok().filter(|year| *year > 0);
            let found = year.zip(in_year(month)).zip(day);
            found.is_some_and(|((year, month), day)| {
                Date::from_calendar_date(year, month, day).is_ok()
            })
        }
    };
    exists && parts.next().is_none()
}

fn date_time(text: &str) -> bool {
    if text.contains('T') { instant(text) } else { date(text) }
}

/// A day, a time to the second, and an offset from UTC.
fn instant(text: &str) -> bool {
    let Some((day, rest)) = text.split_once('T') else { return false };
    let split = rest.find(['Z', '+', '-']).map(|at| rest.split_at(at));
    let Some((time, offset)) = split else { return false };
    day.len() == 10 && date(day) && clock(time) && offset_from_utc(offset)
}

fn offset_from_utc(text: &str) -> bool {
    let Some(hours) = text.strip_prefix(['+', '-']) else { return text == "Z" };
    let parts =
        hours.split_once(':').map(|(hour, minute)| (digits_of(hour, 2), digits_of(minute, 2)));
    match parts {
        Some((Some(hour), Some(minute))) => hour < 14 && minute < 60 || (hour, minute) == (14, 0),
        _ => false,
    }
}

/// `hh:mm:ss` with a fraction, where there is one.
fn clock(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
    let mut parts = whole.split(':').map(|part| digits_of(part, 2));
    let below =
        |limit: u32| move |part: Option<Option<u32>>| part.flatten().is_some_and(|n| n < limit);
    let digits = |f: &str| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit());
    below(24)(parts.next())
        && below(60)(parts.next())
        // A leap second.
        && below(61)(parts.next())
        && parts.next().is_none()
        && fraction.is_none_or(digits)
}

fn digits_of(text: &str, digits: usize) -> Option<u32> {
    let right = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    right.then(|| text.parse().ok())?
}

/// No space at the ends, and none beside another.
fn code(text: &str) -> bool {
    text.split(char::is_whitespace).all(|word| !word.is_empty())
        && !text.contains(|c: char| c.is_control())
}

fn oid(text: &str) -> bool {
    let Some(numbers) = text.strip_prefix("urn:oid:") else { return false };
    let mut parts = numbers.split('.');
    let arc = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    let root = matches!(parts.next(), Some("0" | "1" | "2"));
    root && numbers.contains('.') && parts.all(arc)
}

fn uuid(text: &str) -> bool {
    let Some(text) = text.strip_prefix("urn:uuid:") else { return false };
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-');
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(hex)
}

fn base64(text: &str) -> bool {
    let mut count = 0_usize;
    let mut padding = 0_usize;
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        count += 1;
        match byte {
            b'=' => padding += 1,
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'/' if padding == 0 => {}
            _ => return false,
        }
    }
    count > 0 && count.is_multiple_of(4) && padding <= 2
}

/// A `<div>` of the XHTML namespace in which nothing is active (FHIR R4 narrative.html#security): whoever shows it
/// unfiltered runs nothing of its author's.
fn narrative(text: &str) -> bool {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let opens = text.starts_with("<div") && text.ends_with("</div>");
    let names_itself = text.split_once("xmlns=").is_some_and(|(_, rest)| {
        let quoted = |quote| rest.strip_prefix(quote).and_then(|rest| rest.split(quote).next());
        quoted('"').or_else(|| quoted('\'')) == Some("http://www.w3.org/1999/xhtml")
    });
    let elements =
        ["script", "iframe", "object", "embed", "form", "base", "link", "meta", "svg", "math"];
    let active = elements.iter().any(|name| lower.contains(&format!("<{name}")))
        || lower.contains("javascript:")
        || lower.contains("<!")
        || has_handler(&lower);
    opens && names_itself && !active
}

/// Whether an attribute such as `onclick=` stands in it.
fn has_handler(lower: &str) -> bool {
    let starts = lower.match_indices("on").filter(|(at, _)| {
        let before = lower.get(..*at).and_then(|text| text.chars().last());
        before.is_some_and(|c| c.is_whitespace() || matches!(c, '/' | '"' | '\''))
    });
    starts.into_iter().any(|(at, _)| {
        let rest = lower.get(at + 2..).unwrap_or_default();
        let name = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        name.len() < rest.len() && name.trim_start().starts_with('=')
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::fault;

    #[test]
    fn well_formed_values_pass() {
        let cases = [
            ("date", json!(["2024", "2024-02", "2024-02-29"])),
            (
                "dateTime",
                json!([
                    "2024",
                    "2024-02-29",
                    "2024-02-29T23:59:60Z",
                    "2024-02-29T01:02:03.456-14:00"
                ]),
            ),
            ("instant", json!(["2015-02-07T13:28:17.239+02:00"])),
            ("time", json!(["12:30:00", "00:00:00.000"])),
            ("id", json!(["a", "A-1.b"])),
            ("code", json!(["final", "two words"])),
            ("oid", json!(["urn:oid:1.2.840.0.1"])),
            ("uuid", json!(["urn:uuid:c757873d-ec9a-4326-a141-556f43239520"])),
            ("uri", json!(["http://a/b", "urn:x", "a"])),
            ("base64Binary", json!(["AAAA", "AA==", "AAAA\nAAA="])),
            ("integer", json!([-5, 0, 2_147_483_647])),
            ("positiveInt", json!([1])),
            ("unsignedInt", json!([0])),
            ("decimal", json!([1.5, 1, -0.000_1])),
            ("boolean", json!([true])),
            ("string", json!(["a\tb\nc", "é"])),
            (
                "xhtml",
                json!(["<div xmlns=\"http://www.w3.org/1999/xhtml\">once = 1 <b>on</b></div>"]),
            ),
        ];
        for (kind, values) in cases {
            for value in values.as_array().unwrap() {
                assert_eq!(fault(kind, value), None, "{kind} {value}");
            }
        }
    }

    #[test]
    fn malformed_values_do_not() {
        let cases: Vec<(String, Vec<Value>)> = serde_json::from_str(MALFORMED).unwrap();
        for (kind, values) in cases {
            for value in &values {
                assert!(fault(&kind, value).is_some(), "{kind} {value}");
            }
        }
    }

    /// No value here is of its type.
    const MALFORMED: &str = r#"[
  ["date", ["2023-02-29", "2024-13", "24", "2024-1-1", "0000", "2024-01-01-01", "", "2024-", 2024]],
  ["dateTime", ["2024-02-29T12:30", "2024-02-29T12:30:00", "2024-02T12:30:00Z", "x"]],
  ["instant", ["2024-02-29", "2024-02-29T12:30:00", "2024-02-29T24:00:00Z", "2024-02-29T12:30:00+15:00"]],
  ["time", ["12:30", "12:30:00.", "25:00:00", "12:30:00Z"]],
  ["id", ["a_b", "a b", "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]],
  ["code", [" final", "final ", "two  words", "\u0007"]],
  ["oid", ["1.2.3", "urn:oid:3.1", "urn:oid:1", "urn:oid:1.02"]],
  ["uuid", ["c757873d-ec9a-4326-a141-556f43239520", "urn:uuid:x"]],
  ["uri", ["a b", "", "a\u0000"]],
  ["base64Binary", ["A", "AAA", "A=AA", "====", "!!!!"]],
  ["integer", [1.5, 2147483648, "1"]],
  ["positiveInt", [0, -1]],
  ["unsignedInt", [-1]],
  ["decimal", ["1.5"]],
  ["boolean", ["true", 1]],
  ["string", ["", "  ", "\u0001", 5, {"a": 1}]],
  ["markdown", [""]],
  ["xhtml", ["text", "<div>no namespace</div>", "<div xmlns='http://elsewhere'>x</div>", "<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>x</script></div>", "<div xmlns=\"http://www.w3.org/1999/xhtml\"><b onclick = 'x'>y</b></div>", "<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href='javascript:x'>y</a></div>", "<div xmlns=\"http://www.w3.org/1999/xhtml\"><b/onload=x></div>", "<div xmlns=\"http://www.w3.org/1999/xhtml\"><!-- --></div>"]]
]"#;
}
