//! From what a clinician types to a search of `Patient`: a name, a birth date, a record number, in any order.

use fireward_pages::Date;
use url::form_urlencoded::Serializer;

/// The query string of a FHIR search for `text`.
pub(super) fn search(text: &str) -> String {
    let mut query = Serializer::new(String::new());
    for word in text.split_whitespace().take(MOST_WORDS) {
        let parameter = if Date::parse(word).is_some() {
            "birthdate"
        } else if word.bytes().any(|octet| octet.is_ascii_digit()) {
            "identifier"
        } else {
            "name"
        };
        query.append_pair(parameter, &literal(word));
    }
    query.append_pair("_sort", "family");
    query.append_pair("_count", PAGE).finish()
}

/// A word that is not split or cut where FHIR would (R4 search §3.1.1.4.0.1, escaping).
fn literal(word: &str) -> String {
    let short: String = word.chars().take(MOST_CHARACTERS).collect();
    short.replace('\\', "\\\\").replace(',', "\\,").replace('$', "\\$").replace('|', "\\|")
}

const MOST_WORDS: usize = 6;
const MOST_CHARACTERS: usize = 60;
const PAGE: &str = "20";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_told_apart_by_how_it_looks() {
        assert_eq!(
            search("Silva 1979-03-04 MRN-17"),
            "name=Silva&birthdate=1979-03-04&identifier=MRN-17&_sort=family&_count=20"
        );
        assert_eq!(search("  "), "_sort=family&_count=20");
    }

    #[test]
    fn nothing_typed_becomes_another_parameter_or_a_list() {
        assert_eq!(search("a&_id=1,b"), "identifier=a%26_id%3D1%5C%2Cb&_sort=family&_count=20");
    }
}
