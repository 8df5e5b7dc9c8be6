//! Text without case and accents, and the texts that names and addresses are found by.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::definitions::each;

/// Text as searches compare it: lower case, without accents, spaces joined (FHIR R4 §3.1.1.4.8).
#[must_use]
pub fn fold(text: &str) -> String {
    let plain = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let plain: String = plain.collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a folded word sounds like in English: its first letter and the classes of its consonants (Soundex, not cut off).
pub(crate) fn sound(word: &str) -> String {
    let mut letters = word.chars().filter(char::is_ascii_alphabetic);
    let Some(first) = letters.next() else { return String::new() };
    let mut key = String::from(first);
    let mut before = class(first);
    for letter in letters {
        let now = class(letter);
        match now {
            Some(class) if Some(class) != before => key.push(class),
            _ => {}
        }
        // `h` and `w` do not part letters of one class.
        if !matches!(letter, 'h' | 'w') {
            before = now;
        }
    }
    key
}

fn class(letter: char) -> Option<char> {
    Some(match letter {
        'b' | 'f' | 'p' | 'v' => '1',
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => '2',
        'd' | 't' => '3',
        'l' => '4',
        'm' | 'n' => '5',
        'r' => '6',
        _ => return None,
    })
}

/// Each part of a name, and the given names with the family name, as people type them.
pub(super) fn name_parts(name: &Value) -> Vec<String> {
    let mut found = parts(name, &["family", "given", "prefix", "suffix", "text"]);
    let spoken = parts(name, &["given", "family"]).join(" ");
    if !spoken.is_empty() && !found.contains(&spoken) {
        found.push(spoken);
    }
    found
}

/// Each part of an address.
pub(super) fn address_parts(address: &Value) -> Vec<String> {
    parts(address, &["line", "city", "district", "state", "postalCode", "country", "text"])
}

fn parts(element: &Value, names: &[&str]) -> Vec<String> {
    let members = names.iter().filter_map(|name| element.get(*name));
    members.flat_map(each).filter_map(Value::as_str).map(str::to_owned).collect()
}
