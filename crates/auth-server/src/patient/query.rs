//! From what a clinician types to a search of `Patient`: a name, a birth date, a record number, in any order.

use fireward_pages::Date;
use url::form_urlencoded::Serializer;

/// The query string of a FHIR search for `text`: whoever has all of its words. Commas only part them.
pub(super) fn search(text: &str, month_first: bool) -> String {
    let mut query = Serializer::new(String::new());
    let words = text.split(|c: char| c.is_whitespace() || c == ',');
    for word in words.filter(|word| !word.is_empty()).take(MOST_WORDS) {
        let year = || Date::parse(word);
        if let Some(date) = Date::typed(word, month_first).or_else(year) {
            query.append_pair("birthdate", &date.to_fhir());
            continue;
        }
        let parameter =
            if word.bytes().any(|octet| octet.is_ascii_digit()) { "identifier" } else { "name" };
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
            search("Silva 1979-03-04 MRN-17", false),
            "name=Silva&birthdate=1979-03-04&identifier=MRN-17&_sort=family&_count=20"
        );
        assert_eq!(search(" , ", false), "_sort=family&_count=20");
        let whole = "name=Silva&name=Ana&birthdate=1979-03-04&_sort=family&_count=20";
        assert_eq!(search("Silva, Ana 3/4/1979", true), whole);
        assert_eq!(search("Silva,Ana 4.3.1979", true), whole);
    }

    #[test]
    fn nothing_typed_becomes_another_parameter_or_a_list() {
        assert_eq!(
            search("a&_id=1|b", false),
            "identifier=a%26_id%3D1%5C%7Cb&_sort=family&_count=20"
        );
    }
}
