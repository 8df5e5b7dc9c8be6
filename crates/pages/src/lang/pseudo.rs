//! The pseudo-languages: English, transformed so that a string which is not from the catalogue stands out.

use std::borrow::Cow;

/// Accented letters, and vowels doubled, since other languages take about a third more room.
pub(super) fn accent(text: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        let accented = swap(c, "abcdefghijklmnopqrstuvwxyz", "åƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž");
        out.push(accented);
        if matches!(c, 'a' | 'e' | 'o') {
            out.push(accented);
        }
    }
    Cow::Owned(out)
}

/// Arabic letters in place of Latin ones: a text that runs from right to left without control characters.
pub(super) fn mirror(text: &str) -> Cow<'_, str> {
    let letter = |c| swap(c, "abcdefghijklmnopqrstuvwxyz", "ابسدهفغحيجكلمنوبقرستعوشخيز");
    Cow::Owned(text.chars().map(letter).collect())
}

/// The letter of `to` in the place where `c` is in `from`, capital for capital.
fn swap(c: char, from: &str, to: &str) -> char {
    let place = from.chars().position(|letter| letter == c.to_ascii_lowercase());
    let Some(found) = place.and_then(|place| to.chars().nth(place)) else { return c };
    if c.is_ascii_uppercase() { found.to_uppercase().next().unwrap_or(found) } else { found }
}
